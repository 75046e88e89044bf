/** A reproducible stream of file operations on a few names, so that they often meet. */
import { FsError } from '../../src/fs/index.js';
import type { FileSystemWorld } from './file-system-world.js';
import type { Descriptor } from './kernel-double.js';

export type OpenMode = 'read' | 'update' | 'create' | 'exclusive';

/** What both sides can do. Failures carry `errno` or `code`. */
export interface FileSystemUnderTest {
  open(slot: number, path: string, mode: OpenMode): Promise<void>;
  read(slot: number, offset: number, length: number): Promise<string>;
  write(slot: number, offset: number, text: string): Promise<void>;
  resize(slot: number, size: number): Promise<void>;
  fsync(slot: number): Promise<void>;
  close(slot: number): Promise<void>;
  truncate(path: string, size: number): Promise<void>;
  mkdir(path: string): Promise<void>;
  rmdir(path: string): Promise<void>;
  unlink(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** To a name that is free. */
  copy(from: string, to: string): Promise<void>;
  list(path: string): Promise<string[]>;
  size(path: string): Promise<number>;
}

export interface RandomOperation {
  readonly text: string;
  run(target: FileSystemUnderTest): Promise<string>;
}

const NAMES = ['a', 'b', 'c', 'd1', 'e1'];
const SLOTS = 3;
const LARGEST_OFFSET = 5000;
const COPY_SHARE = 0.15;
const LARGEST_COPY = 1024 * 1024;

export class RandomOperations {
  readonly #copies: boolean;
  #state: number;
  #count = 0;

  /** `copies`: files are copied as well; a stream of its own, so that seeds that failed without keep their meaning. */
  constructor(seed: number, { copies = false } = {}) {
    this.#copies = copies;
    this.#state = (seed * 2654435761) >>> 0;
  }

  chance(probability: number): boolean {
    return this.#number() < probability;
  }

  pick<One>(list: readonly One[]): One {
    return list[this.#below(list.length)]!;
  }

  next(): RandomOperation {
    this.#count += 1;
    const slot = this.#below(SLOTS);
    const [path, other] = [this.#path(), this.#path()];
    const [offset, length] = [this.#below(LARGEST_OFFSET), 1 + this.#below(900)];
    const text = `${this.#count}:`.padEnd(length, String.fromCharCode(97 + this.#below(26)));
    const mode = (['read', 'update', 'create', 'create', 'exclusive'] as const)[this.#below(5)]!;
    const all: readonly [string, (target: FileSystemUnderTest) => Promise<unknown>][] = [
      [`open ${slot} ${path} ${mode}`, (target) => target.open(slot, path, mode)],
      [`open ${slot} ${path} ${mode}`, (target) => target.open(slot, path, mode)],
      [`write ${slot} ${offset} +${length}`, (target) => target.write(slot, offset, text)],
      [`write ${slot} 0 +${length}`, (target) => target.write(slot, 0, text)],
      [`read ${slot} ${offset} +${length}`, (target) => target.read(slot, offset, length)],
      [`read ${slot} 0 +8000`, (target) => target.read(slot, 0, 8000)],
      [`resize ${slot} ${offset}`, (target) => target.resize(slot, offset)],
      [`fsync ${slot}`, (target) => target.fsync(slot)],
      [`close ${slot}`, (target) => target.close(slot)],
      [`truncate ${path} ${offset}`, (target) => target.truncate(path, offset)],
      [`mkdir ${path}`, (target) => target.mkdir(path)],
      [`rmdir ${path}`, (target) => target.rmdir(path)],
      [`unlink ${path}`, (target) => target.unlink(path)],
      [`rename ${path} ${other}`, (target) => target.rename(path, other)],
      [`rename ${path} ${other}`, (target) => target.rename(path, other)],
      [`list ${path}`, (target) => target.list(path)],
      [`size ${path}`, (target) => target.size(path)],
    ];
    const copy: (typeof all)[number] = [`copy ${path} ${other}`, (target) => target.copy(path, other)];
    if (this.#copies && this.chance(COPY_SHARE))
      return { text: copy[0], run: async (target) => JSON.stringify((await copy[1](target)) ?? 'done') };
    const [name, run] = all[this.#below(all.length)]!;
    return { text: name, run: async (target) => JSON.stringify((await run(target)) ?? 'done') };
  }

  #path(): string {
    const depth = 1 + this.#below(3);
    return Array.from({ length: depth }, () => `/${NAMES[this.#below(NAMES.length)]!}`).join('');
  }

  #below(end: number): number {
    return Math.floor(this.#number() * end);
  }

  /** mulberry32. */
  #number(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }
}

/** Ours: the same operations through the double of the kernel. Permissions and types are the kernel's to check. */
export class MountedWorld implements FileSystemUnderTest {
  readonly #world: FileSystemWorld;
  #open = new Map<number, Descriptor & { readonly mode: OpenMode }>();

  constructor(world: FileSystemWorld) {
    this.#world = world;
  }

  async open(slot: number, path: string, mode: OpenMode): Promise<void> {
    const opened = await this.#opened(path, mode);
    await this.close(slot);
    this.#open.set(slot, { ...opened, mode });
  }

  async #opened(path: string, mode: OpenMode): Promise<Descriptor> {
    const { kernel } = this.#world;
    if (mode === 'read') return kernel.open(path);
    if (mode === 'update') return kernel.open(path, { access: 'read-write' });
    const found = await this.#find(path);
    if (found === null) return kernel.create(path, { exclusive: mode === 'exclusive' });
    if (mode === 'exclusive') throw new FsError('EEXIST');
    return kernel.open(path, { access: 'read-write', truncate: true });
  }

  #find(path: string) {
    return this.#world.kernel.stat(path).catch((error: unknown) => {
      if (error instanceof FsError && error.errno === 'ENOENT') return null;
      throw error;
    });
  }

  async read(slot: number, offset: number, length: number): Promise<string> {
    return (await this.#world.kernel.read(this.#at(slot), offset, length)).toString('latin1');
  }
  async write(slot: number, offset: number, text: string): Promise<void> {
    await this.#world.kernel.write(this.#writable(slot), offset, Buffer.from(text, 'latin1'));
  }
  async resize(slot: number, size: number): Promise<void> {
    const file = this.#open.get(slot);
    if (file === undefined) throw new FsError('EBADF');
    if (file.mode === 'read') throw new FsError('EINVAL');
    const changes = { size, killPrivileges: false };
    await this.#world.kernel.call('setattr', { node: file.node, handle: file.handle, changes });
  }
  async fsync(slot: number): Promise<void> {
    await this.#world.kernel.call('fsync', { ...this.#at(slot), dataOnly: false });
  }
  async close(slot: number): Promise<void> {
    const file = this.#open.get(slot);
    this.#open.delete(slot);
    if (file !== undefined) await this.#world.kernel.close(file);
  }
  async truncate(path: string, size: number): Promise<void> {
    const node = await this.#world.kernel.node(path);
    await this.#world.kernel.call('setattr', {
      node,
      handle: null,
      changes: { size, killPrivileges: false },
    });
  }
  mkdir(path: string): Promise<void> {
    return this.#world.kernel.mkdir(path);
  }
  rmdir(path: string): Promise<void> {
    return this.#world.kernel.rmdir(path);
  }
  unlink(path: string): Promise<void> {
    return this.#world.kernel.unlink(path);
  }
  rename(from: string, to: string): Promise<void> {
    return this.#world.kernel.rename(from, to);
  }
  /** As cp(1) does, and the kernel where we leave it the copying. */
  async copy(from: string, to: string): Promise<void> {
    const { kernel } = this.#world;
    const source = await kernel.open(from);
    try {
      if ((await this.#find(to)) !== null) throw new FsError('EEXIST');
      const target = await kernel.create(to, { exclusive: true });
      try {
        await this.#copyRange(source, target);
      } finally {
        await kernel.close(target);
      }
    } finally {
      await kernel.close(source);
    }
  }
  async #copyRange(source: Descriptor, { node, handle }: Descriptor): Promise<void> {
    const { kernel } = this.#world;
    const range = { offset: 0, targetOffset: 0, length: LARGEST_COPY };
    try {
      await kernel.call('copyFileRange', { ...source, targetNode: node, targetHandle: handle, ...range });
    } catch (error) {
      if (!(error instanceof FsError) || error.errno !== 'EOPNOTSUPP') throw error;
      const bytes = await kernel.read(source, 0, LARGEST_COPY);
      if (bytes.length > 0) await kernel.write({ node, handle }, 0, bytes);
    }
  }
  list(path: string): Promise<string[]> {
    return this.#world.kernel.list(path);
  }
  async size(path: string): Promise<number> {
    return (await this.#world.kernel.stat(path)).size;
  }

  /** The daemon has been started anew: what was open is not any more. */
  async restarted(): Promise<void> {
    const files = [...this.#open.values()];
    this.#open.clear();
    for (const file of files) await this.#world.kernel.close(file).catch(() => undefined);
  }

  async tree(path = ''): Promise<Record<string, string>> {
    const entries: Record<string, string> = {};
    for (const name of await this.list(path)) {
      const child = `${path}/${name}`;
      const isFolder = ((await this.#world.kernel.stat(child)).mode & 0o170000) === 0o040000;
      entries[child] = isFolder
        ? 'folder'
        : Buffer.from(await this.#world.kernel.readFile(child)).toString('latin1');
      if (isFolder) Object.assign(entries, await this.tree(child));
    }
    return Object.fromEntries(Object.entries(entries).sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  #at(slot: number): Descriptor {
    const file = this.#open.get(slot);
    if (file === undefined) throw new FsError('EBADF');
    return { node: file.node, handle: file.handle };
  }

  #writable(slot: number): Descriptor {
    const file = this.#open.get(slot);
    if (file === undefined || file.mode === 'read') throw new FsError('EBADF');
    return { node: file.node, handle: file.handle };
  }
}
