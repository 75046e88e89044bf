/**
 * A whole file system in memory behind the bridge's port: what the bridge's own tests and measurements mount. Names,
 * attributes and errors as POSIX has them; no remote, no cache, no policy.
 */
import { fdatasyncSync, readSync, writeSync } from 'node:fs';
import {
  type Attributes,
  type AttributesReply,
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
import { MemoryDirectory } from './memory-directory.js';
import { type MemoryKind, MemoryNode, removeBackingFolder, timestampNow } from './memory-node.js';
import { copyRange, fallocate, renameNode, seek } from './memory-operations.js';

export interface MemoryOptions {
  /** How READ and WRITE are served. */
  readonly data: 'served' | 'descriptor' | 'passthrough';
  readonly entryValidMs: number;
  readonly attributesValidMs: number;
  /** Each open waits this long. */
  readonly openDelayMs: number;
  /** Each statfs waits this long. */
  readonly statfsDelayMs: number;
}

export const MEMORY_DEFAULTS: MemoryOptions = {
  data: 'descriptor',
  entryValidMs: 3_600_000,
  attributesValidMs: 3_600_000,
  openDelayMs: 0,
  statfsDelayMs: 0,
};

const LONGEST_NAME = 255;

export interface MemoryHandle {
  readonly node: MemoryNode;
  readonly flags: OpenFlags;
}

type Operations = {
  [Name in Request['operation']]: (request: RequestOf<Name>, context: RequestContext) => unknown;
};

export class MemoryFileSystem implements FileSystemPort {
  readonly options: MemoryOptions;
  readonly kernel: KernelPort;
  readonly nodes = new Map<NodeId, MemoryNode>();
  readonly handles = new Map<Handle, MemoryHandle>();
  readonly directories = new Map<Handle, MemoryDirectory>();
  readonly root: MemoryNode;
  isDestroyed = false;
  #nextNode = 2;
  #nextHandle = 1;

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
    this.#dropIfUnused(node);
  }

  wrote(handle: Handle, offset: number, length: number): void {
    const node = this.handles.get(handle)?.node;
    if (node === undefined) throw new Error(`a write on handle ${handle}, which is not open`);
    node.size = Math.max(node.size ?? 0, offset + length);
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
    this.#dropIfUnused(node);
  }

  #dropIfUnused(node: MemoryNode): void {
    if (node.links > 0 || node.lookups > 0 || node.opens > 0) return;
    node.close();
    this.nodes.delete(node.id);
  }

  #attributes(id: NodeId): AttributesReply {
    const attributes: Attributes = this.get(id).attributes;
    return { attributes, validMs: this.options.attributesValidMs };
  }

  #open(node: MemoryNode, flags: OpenFlags): OpenReply {
    if (flags.truncate) {
      node.truncate(0);
      node.touch();
    }
    node.opens += 1;
    if (this.options.data === 'passthrough') node.isPassedThrough = true;
    const handle = this.#nextHandle++;
    this.handles.set(handle, { node, flags });
    const { data } = this.options;
    const backing =
      data === 'served'
        ? ({ kind: 'served' } as const)
        : ({
            kind: 'descriptor',
            descriptor: node.fileDescriptor,
            passthrough: data === 'passthrough',
          } as const);
    return { handle, keepCache: true, directIo: false, backing };
  }

  #file(handle: Handle): MemoryHandle {
    const file = this.handles.get(handle);
    if (file === undefined) throw new FsError('EBADF');
    return file;
  }

  readonly #operations: Operations = {
    lookup: ({ parent, name }) => {
      const node = this.folder(parent).children.get(name);
      if (node !== undefined) return this.entry(node);
      if (Buffer.byteLength(name) > LONGEST_NAME) return new FsError('ENAMETOOLONG');
      return { node: 0, validMs: this.options.entryValidMs };
    },
    getattr: ({ node }) => this.#attributes(node),
    statx: ({ node }) => this.#attributes(node),
    setattr: ({ node: id, changes }) => {
      const node = this.get(id);
      if (changes.size !== undefined) node.truncate(changes.size);
      if (changes.mode !== undefined) node.permissions = changes.mode & 0o7777;
      if (changes.killPrivileges) node.killPrivileges();
      node.uid = changes.uid ?? node.uid;
      node.gid = changes.gid ?? node.gid;
      if (changes.size !== undefined) node.modified = timestampNow();
      const { accessed, modified } = changes;
      if (accessed !== undefined) node.accessed = accessed === 'now' ? timestampNow() : accessed;
      if (modified !== undefined) node.modified = modified === 'now' ? timestampNow() : modified;
      node.changed = changes.changed ?? timestampNow();
      return this.#attributes(id);
    },
    readlink: ({ node }) => this.get(node).target,
    symlink: ({ parent, name, target, caller }) => {
      const node = this.make(this.folder(parent), name, 'symlink', { mode: 0o777, ...caller });
      node.target = target;
      return this.entry(node);
    },
    mknod: ({ parent, name, mode, caller }) =>
      (mode & 0o170000) === 0o100000
        ? this.entry(this.make(this.folder(parent), name, 'file', { mode, ...caller }))
        : new FsError('EPERM'),
    mkdir: ({ parent, name, mode, caller }) =>
      this.entry(this.make(this.folder(parent), name, 'folder', { mode, ...caller })),
    unlink: ({ parent, name }) => {
      if (this.child(parent, name).kind === 'folder') return new FsError('EISDIR');
      this.detach(this.folder(parent), name);
      return undefined;
    },
    rmdir: ({ parent, name }) => {
      const node = this.child(parent, name);
      if (node.kind !== 'folder') return new FsError('ENOTDIR');
      if (node.children.size > 0) return new FsError('ENOTEMPTY');
      this.detach(this.folder(parent), name);
      return undefined;
    },
    rename: (request) => renameNode(this, request),
    link: () => new FsError('EPERM'),
    open: ({ node: id, flags }, context) => {
      const node = this.get(id);
      if (this.options.openDelayMs === 0) return this.#open(node, flags);
      return delay(this.options.openDelayMs, context.signal).then(() => this.#open(node, flags));
    },
    create: ({ parent, name, mode, flags, caller }) => {
      const folder = this.folder(parent);
      const known = folder.children.get(name);
      if (known !== undefined && flags.exclusive) return new FsError('EEXIST');
      const node = known ?? this.make(folder, name, 'file', { mode, ...caller });
      return { entry: this.entry(node), open: this.#open(node, flags) };
    },
    tmpfile: () => new FsError('EOPNOTSUPP'),
    read: ({ handle, offset, size }) => {
      const { node } = this.#file(handle);
      const bytes = Buffer.allocUnsafe(size);
      return bytes.subarray(0, readSync(node.fileDescriptor, bytes, 0, size, offset));
    },
    write: ({ handle, offset, data, killPrivileges }) => {
      const { node } = this.#file(handle);
      if (killPrivileges) node.killPrivileges();
      const count = writeSync(node.fileDescriptor, data, 0, data.length, offset);
      node.size = Math.max(node.size ?? 0, offset + count);
      node.touch();
      return count;
    },
    copyFileRange: (request) =>
      copyRange(this.#file(request.handle).node, this.#file(request.targetHandle).node, request),
    lseek: ({ handle, offset, whence }) => seek(this.#file(handle).node, offset, whence),
    fallocate: ({ handle, ...request }) => fallocate(this.#file(handle).node, request),
    flush: ({ handle }) => (this.handles.has(handle) ? undefined : new FsError('EBADF')),
    release: ({ handle }) => {
      const { node } = this.#file(handle);
      this.handles.delete(handle);
      node.opens -= 1;
      this.#dropIfUnused(node);
      return undefined;
    },
    fsync: ({ handle }) => {
      fdatasyncSync(this.#file(handle).node.fileDescriptor);
      return undefined;
    },
    opendir: ({ node }) => {
      const handle = this.#nextHandle++;
      this.directories.set(handle, new MemoryDirectory(this, this.folder(node)));
      return { handle, mayCache: false, keepCache: false };
    },
    readdir: ({ handle, offset }) => this.directories.get(handle)?.take(offset) ?? new FsError('EBADF'),
    fsyncdir: () => undefined,
    releasedir: ({ handle }) => {
      this.directories.delete(handle);
      return undefined;
    },
    statfs: async (_, { signal }) => {
      if (this.options.statfsDelayMs > 0) await delay(this.options.statfsDelayMs, signal);
      return {
        blockSize: 4096,
        totalBlocks: 1 << 28,
        freeBlocks: 1 << 27,
        files: this.nodes.size,
        freeFiles: 1 << 20,
        longestName: LONGEST_NAME,
      };
    },
    getxattr: ({ node, name }) => this.get(node).knownXattrs.get(name) ?? new FsError('ENODATA'),
    setxattr: ({ node, name, value, create, replace }) => {
      const { xattrs } = this.get(node);
      if (create && xattrs.has(name)) return new FsError('EEXIST');
      if (replace && !xattrs.has(name)) return new FsError('ENODATA');
      xattrs.set(name, Uint8Array.from(value));
      return undefined;
    },
    listxattr: ({ node }) => [...this.get(node).knownXattrs.keys()],
    removexattr: ({ node, name }) =>
      this.get(node).xattrs.delete(name) ? undefined : new FsError('ENODATA'),
    access: () => undefined,
  };
}

function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
