/**
 * A whole file system in memory behind the bridge's port: what the bridge's own tests and measurements mount. Names,
 * attributes and errors as POSIX has them; no remote, no cache, no policy.
 */
import {
  type Attributes,
  type AttributesReply,
  type Backing,
  type Entry,
  type FileSystemPort,
  FsError,
  type Handle,
  type KernelPort,
  type NodeId,
  type OpenFlags,
  type OpenReply,
  type Reply,
  type Request,
  type RequestContext,
  type RequestOf,
  ROOT_NODE,
} from '../../src/fs/index.js';
import type { MemoryDirectory } from './memory-directory.js';
import { fileOperations } from './memory-file-operations.js';
import { folderOperations } from './memory-folder-operations.js';
import { nameOperations } from './memory-name-operations.js';
import {
  LONGEST_NAME,
  type MemoryKind,
  MemoryNode,
  removeBackingFolder,
  timestampNow,
} from './memory-node.js';

export interface MemoryOptions {
  /** How READ and WRITE are served. */
  readonly data: 'served' | 'descriptor' | 'passthrough';
  readonly entryValidMs: number;
  readonly attributesValidMs: number;
  /** Each open waits this long. */
  readonly openDelayMs: number;
  /** Each open makes the kernel forget the file's attributes first. */
  readonly openForgets: boolean;
  /** Each read that comes to the file system waits this long. */
  readonly readDelayMs: number;
  /** A read that is called off holds up the whole process for ever. */
  readonly hangsWhenCalledOff: boolean;
  /** Each statfs waits this long. */
  readonly statfsDelayMs: number;
}

export const MEMORY_DEFAULTS: MemoryOptions = {
  data: 'descriptor',
  entryValidMs: 3_600_000,
  attributesValidMs: 3_600_000,
  openDelayMs: 0,
  openForgets: false,
  readDelayMs: 0,
  hangsWhenCalledOff: false,
  statfsDelayMs: 0,
};

export interface MemoryHandle {
  readonly node: MemoryNode;
  readonly flags: OpenFlags;
}

export type Operations = {
  [Name in Request['operation']]: (request: RequestOf<Name>, context: RequestContext) => unknown;
};

export class MemoryFileSystem implements FileSystemPort {
  readonly keptAttributes = { prefix: 'user.', othersAre: 'ENODATA' } as const;
  readonly options: MemoryOptions;
  readonly kernel: KernelPort;
  readonly nodes = new Map<NodeId, MemoryNode>();
  readonly handles = new Map<Handle, MemoryHandle>();
  readonly directories = new Map<Handle, MemoryDirectory>();
  readonly root: MemoryNode;
  isDestroyed = false;
  #nextNode = 2;
  #lastHandle = 0;

  constructor(kernel: KernelPort, options: Partial<MemoryOptions> = {}) {
    this.kernel = kernel;
    this.options = { ...MEMORY_DEFAULTS, ...options };
    const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
    this.root = new MemoryNode({ id: ROOT_NODE, kind: 'folder', parent: null, permissions: 0o755, uid, gid });
    this.root.lookups = 1;
    this.nodes.set(ROOT_NODE, this.root);
  }

  handle(request: Request, context: RequestContext): Reply | Promise<Reply> {
    const operation = this.#operations[request.operation] as (
      request: Request,
      context: RequestContext,
    ) => Reply | Promise<Reply>;
    return operation(request, context);
  }

  forget(id: NodeId, count: number): void {
    const node = this.nodes.get(id);
    if (node === undefined) throw new Error(`forgot ${id}, which is not known`);
    node.lookups -= count;
    if (node.lookups < 0) throw new Error(`forgot ${id} more often than it was looked up`);
    this.dropIfUnused(node);
  }

  wrote(handle: Handle, offset: number, length: number): void {
    const node = this.handles.get(handle)?.node;
    if (node === undefined) throw new Error(`a write on handle ${handle}, which is not open`);
    node.size = Math.max(node.size, offset + length);
    node.touch();
  }

  destroy(): void {
    this.isDestroyed = true;
    for (const node of this.nodes.values()) node.close();
    removeBackingFolder();
  }

  get(id: NodeId): MemoryNode {
    const node = this.nodes.get(id);
    if (node === undefined) throw new FsError('ESTALE');
    return node;
  }

  folder(id: NodeId): MemoryNode {
    const node = this.get(id);
    if (node.kind !== 'folder') throw new FsError('ENOTDIR');
    return node;
  }

  child(parent: NodeId, name: string): MemoryNode {
    const node = this.folder(parent).children.get(name);
    if (node === undefined) throw new FsError('ENOENT');
    return node;
  }

  entry(node: MemoryNode): Entry {
    node.lookups += 1;
    const { entryValidMs, attributesValidMs } = this.options;
    return { node: node.id, attributes: node.attributes, entryValidMs, attributesValidMs };
  }

  /** Makes a child; also for tests that play somebody else. */
  make(
    parent: MemoryNode,
    name: string,
    kind: MemoryKind,
    init: { mode: number; uid: number; gid: number },
  ): MemoryNode {
    if (Buffer.byteLength(name) > LONGEST_NAME) throw new FsError('ENAMETOOLONG');
    if (parent.children.has(name)) throw new FsError('EEXIST');
    const { mode, uid, gid } = init;
    const node = new MemoryNode({ id: this.#nextNode++, kind, parent, permissions: mode, uid, gid });
    this.nodes.set(node.id, node);
    parent.children.set(name, node);
    if (kind === 'folder') parent.links += 1;
    parent.touch();
    return node;
  }

  detach(parent: MemoryNode, name: string): void {
    const node = parent.children.get(name)!;
    parent.children.delete(name);
    if (node.kind === 'folder') parent.links -= 1;
    node.links = 0;
    node.changed = timestampNow();
    parent.touch();
    this.dropIfUnused(node);
  }

  dropIfUnused(node: MemoryNode): void {
    if (node.links > 0 || node.lookups > 0 || node.opens > 0) return;
    node.close();
    this.nodes.delete(node.id);
  }

  attributes(id: NodeId): AttributesReply {
    const attributes: Attributes = this.get(id).attributes;
    return { attributes, validMs: this.options.attributesValidMs };
  }

  open(node: MemoryNode, flags: OpenFlags): OpenReply {
    // First what may fail.
    const backing = this.#backing(node);
    if (flags.truncate) {
      node.truncate(0);
      node.touch();
    }
    node.opens += 1;
    if (this.options.data === 'passthrough') node.isPassedThrough = true;
    const handle = this.nextHandle();
    this.handles.set(handle, { node, flags });
    return { handle, keepCache: true, directIo: false, skipsFlush: flags.access === 'read', backing };
  }

  #backing(node: MemoryNode): Backing {
    const { data } = this.options;
    if (data === 'served') return { kind: 'served' };
    return { kind: 'descriptor', descriptor: node.fileDescriptor, passthrough: data === 'passthrough' };
  }

  nextHandle(): Handle {
    this.#lastHandle += 1;
    return this.#lastHandle;
  }

  file(handle: Handle): MemoryHandle {
    const file = this.handles.get(handle);
    if (file === undefined) throw new FsError('EBADF');
    return file;
  }

  readonly #operations: Operations = {
    ...nameOperations(this),
    ...fileOperations(this),
    ...folderOperations(this),
  };
}
