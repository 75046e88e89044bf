/**
 * What the kernel and a bridge do, without either: walks paths, counts look-ups, serves READ and WRITE of bound handles
 * from their descriptors. Tests of `fs/` speak to it as a program speaks to libc. Failures reject with `FsError`.
 */
import { readSync, writeSync } from 'node:fs';
import { Metrics } from '../../src/base/index.js';
import type { Extent, KernelPort } from '../../src/fs/index.js';
import {
  type Attributes,
  type Backing,
  type Entry,
  type FileSystemPort,
  FsError,
  type Handle,
  type NodeId,
  type OpenFlags,
  type OpenReply,
  type Operation,
  type Replies,
  type Request,
  type RequestOf,
  ROOT_NODE,
} from '../../src/fs/index.js';
import { NativeKernelPort } from '../../src/fuse/native-kernel-port.js';

export interface Descriptor {
  readonly node: NodeId;
  readonly handle: Handle;
}

const CALLER = { uid: 1000, gid: 1000, pid: 4242 };
/** Of open(2) without any but O_RDONLY. */
export const READ_ONLY: OpenFlags = {
  access: 'read',
  append: false,
  truncate: false,
  exclusive: false,
  sync: false,
  direct: false,
};

export class KernelDouble implements KernelPort {
  readonly canInvalidate = true;
  /** What was asked to be forgotten, as `entry PARENT NAME`, `node N`, `attributes N`. */
  readonly notifications: string[] = [];
  readonly #open = new Set<Handle>();
  readonly #bound = new Map<Handle, number>();
  readonly #port: FileSystemPort;
  /** The signal of the next requests. */
  signal: AbortSignal = new AbortController().signal;

  constructor(port: FileSystemPort) {
    this.#port = port;
  }

  // --- KernelPort ---
  invalidateNode(node: NodeId): void {
    this.notifications.push(`node ${node}`);
  }
  invalidateAttributes(node: NodeId): void {
    this.notifications.push(`attributes ${node}`);
  }
  invalidateAttributesNow(node: NodeId): void {
    this.notifications.push(`attributes now ${node}`);
  }
  invalidateEntry(parent: NodeId, name: string): void {
    this.notifications.push(`entry ${parent} ${name}`);
  }
  notifyDelete(parent: NodeId, _child: NodeId, name: string): void {
    this.notifications.push(`delete ${parent} ${name}`);
  }
  storeData(node: NodeId, offset: number, data: Uint8Array): void {
    this.notifications.push(`store ${node} ${offset} ${data.length}`);
  }
  /** Called before a handle is rebound: what a program does in just that moment. */
  beforeRebind: (descriptor: number | null) => Promise<void> = async () => undefined;
  /** Of a handle whose open was not answered yet a bridge knows nothing. */
  async rebind(handle: Handle, descriptor: number | null): Promise<void> {
    await this.beforeRebind(descriptor);
    if (!this.#open.has(handle)) return;
    if (descriptor === null) this.#bound.delete(handle);
    else this.#bound.set(handle, descriptor);
  }

  seek(descriptor: number, offset: number, whence: 'data' | 'hole'): Extent {
    return new NativeKernelPort(new Metrics()).seek(descriptor, offset, whence);
  }

  isBound(file: Descriptor): boolean {
    return this.#bound.has(file.handle);
  }

  // --- system calls ---
  async call<Name extends Operation>(operation: Name, args: object): Promise<Replies[Name]> {
    const request = { operation, caller: CALLER, ...args } as unknown as Request as RequestOf<Name>;
    const reply = await this.#port.handle(request, { signal: this.signal });
    if (reply instanceof FsError) throw reply;
    return reply as Replies[Name];
  }

  async entry(path: string): Promise<Entry> {
    let parent: NodeId = ROOT_NODE;
    let entry: Entry | null = null;
    for (const name of namesOf(path)) {
      const found = await this.call('lookup', { parent, name });
      if (found.node === 0) throw new FsError('ENOENT', path);
      entry = found as Entry;
      parent = entry.node;
    }
    if (entry === null) throw new Error('the root has no entry');
    return entry;
  }

  async node(path: string): Promise<NodeId> {
    return namesOf(path).length === 0 ? ROOT_NODE : (await this.entry(path)).node;
  }

  async stat(path: string): Promise<Attributes> {
    return (await this.call('getattr', { node: await this.node(path), handle: null })).attributes;
  }

  async open(path: string, flags: Partial<OpenFlags> = {}): Promise<Descriptor> {
    const node = await this.node(path);
    const reply = await this.call('open', { node, flags: { ...READ_ONLY, ...flags } });
    return this.#opened(node, reply);
  }

  async create(path: string, flags: Partial<OpenFlags> = {}): Promise<Descriptor> {
    const { parent, name } = await this.#split(path);
    const all = { ...READ_ONLY, access: 'read-write', ...flags };
    const reply = await this.call('create', { parent, name, mode: 0o100644, flags: all });
    return this.#opened(reply.entry.node, reply.open);
  }

  async read(file: Descriptor, offset: number, size: number): Promise<Buffer> {
    const bound = this.#bound.get(file.handle);
    if (bound === undefined) return Buffer.from(await this.call('read', { ...file, offset, size }));
    const buffer = Buffer.alloc(size);
    return buffer.subarray(0, readSync(bound, buffer, 0, size, offset));
  }

  async write(file: Descriptor, offset: number, data: string | Uint8Array): Promise<void> {
    const bytes = Buffer.from(data);
    const bound = this.#bound.get(file.handle);
    if (bound === undefined) {
      await this.call('write', { ...file, offset, data: bytes, killPrivileges: false });
      return;
    }
    writeSync(bound, bytes, 0, bytes.length, offset);
    this.#port.wrote(file.handle, offset, bytes.length);
  }

  async close(file: Descriptor): Promise<void> {
    await this.call('flush', { ...file });
    this.#open.delete(file.handle);
    this.#bound.delete(file.handle);
    await this.call('release', { ...file });
  }

  async writeFile(path: string, data: string | Uint8Array): Promise<void> {
    const file = await this.#createOrTruncate(path);
    await this.write(file, 0, data);
    await this.close(file);
  }

  async #createOrTruncate(path: string): Promise<Descriptor> {
    try {
      return await this.open(path, { access: 'write', truncate: true });
    } catch (error) {
      if (error instanceof FsError && error.errno === 'ENOENT') return this.create(path);
      throw error;
    }
  }

  async readFile(path: string): Promise<string> {
    const { size } = await this.stat(path);
    const file = await this.open(path);
    try {
      return (await this.read(file, 0, Math.max(size, 1))).toString();
    } finally {
      await this.close(file);
    }
  }

  /** The names in a folder, page by page; between two pages the folder may change. */
  async *names(path: string): AsyncGenerator<string[]> {
    const node = await this.node(path);
    const { handle } = await this.call('opendir', { node });
    try {
      for (let cookie = 0; ; ) {
        const reader = await this.call('readdir', { node, handle, offset: cookie });
        const names: string[] = [];
        for (let entry = reader.at(cookie); entry !== undefined; entry = reader.at(cookie)) {
          if (cookie >= 2) names.push(entry.name);
          cookie += 1;
        }
        if (names.length === 0) return;
        yield names;
      }
    } finally {
      await this.call('releasedir', { node, handle });
    }
  }

  async list(path: string): Promise<string[]> {
    const names: string[] = [];
    for await (const page of this.names(path)) names.push(...page);
    return names.sort();
  }

  async mkdir(path: string): Promise<void> {
    await this.call('mkdir', { ...(await this.#split(path)), mode: 0o755 });
  }
  async unlink(path: string): Promise<void> {
    await this.call('unlink', await this.#split(path));
  }
  async rmdir(path: string): Promise<void> {
    await this.call('rmdir', await this.#split(path));
  }
  async symlink(target: string, path: string): Promise<void> {
    await this.call('symlink', { ...(await this.#split(path)), target });
  }
  async rename(from: string, to: string, flags: Partial<{ noReplace: boolean; exchange: boolean }> = {}) {
    const source = await this.#split(from);
    const target = await this.#split(to);
    const all = { noReplace: false, exchange: false, unknown: false, ...flags };
    await this.call('rename', { ...source, newParent: target.parent, newName: target.name, flags: all });
  }

  async #split(path: string): Promise<{ parent: NodeId; name: string }> {
    const names = namesOf(path);
    const name = names.pop()!;
    const parent = names.length === 0 ? null : await this.entry(names.join('/'));
    if (parent !== null && (parent.attributes.mode & 0o170000) !== 0o040000)
      throw new FsError('ENOTDIR', path);
    return { parent: parent?.node ?? ROOT_NODE, name };
  }

  #opened(node: NodeId, { handle, backing }: OpenReply): Descriptor {
    this.#open.add(handle);
    this.#bind(handle, backing);
    return { node, handle };
  }

  #bind(handle: Handle, backing: Backing): void {
    if (backing.kind === 'descriptor') this.#bound.set(handle, backing.descriptor);
  }
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}
