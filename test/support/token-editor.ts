/**
 * A person at one of several mounts who only ever adds words of their own to files, and removes or replaces nothing
 * without having read it. So every word is to be found in the end, but for those that somebody dropped knowingly.
 *
 * Nobody reads and removes in one step: what the mount got to know of in between is dropped as well, as on any file
 * system. That is the version which the mount noted, when the removal returned, as what goes; a later one is not. It is
 * also what is owed of the file that has the name by then, for which the mount may have moved another one there.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { Version } from '../../src/drive/index.js';
import { FsError } from '../../src/fs/index.js';
import type { Ino } from '../../src/spool/index.js';
import type { FileSystemWorld } from './file-system-world.js';
import type { HistoryServer } from './history-server.js';
import type { Descriptor, KernelDouble } from './kernel-double.js';

const FOLDER = 0o040000;
const TYPE = 0o170000;
const LARGEST = 64 * 1024;

/** What all of them did. */
export class Words {
  #count = 0;
  /** Acknowledged by a close. */
  readonly written = new Set<string>();
  /** By somebody who had read them. */
  readonly dropped = new Set<string>();

  next(): string {
    this.#count += 1;
    return `<${this.#count}>`;
  }

  drop(text: string): void {
    for (const word of wordsIn(text)) this.dropped.add(word);
  }
}

export function wordsIn(text: string): string[] {
  return text.match(/<\d+>/g) ?? [];
}

export class TokenEditor {
  readonly #world: FileSystemWorld;
  readonly #words: Words;
  readonly #server: HistoryServer;
  readonly #pause: () => Promise<void>;

  /** `pause`: what a person takes between two steps. */
  constructor(world: FileSystemWorld, words: Words, server: HistoryServer, pause = async () => {}) {
    this.#world = world;
    this.#words = words;
    this.#server = server;
    this.#pause = pause;
  }

  get #kernel(): KernelDouble {
    return this.#world.kernel;
  }

  /** Adds a word in place, as `>>` does. */
  async append(path: string): Promise<void> {
    const word = this.#words.next();
    const file = await this.#openOrCreate(path);
    try {
      await this.#kernel.write(file, await this.#sizeOf(file), word);
    } finally {
      await this.#kernel.close(file);
    }
    this.#words.written.add(word);
  }

  /** Adds a word as editors save: a new file beside it takes its place. */
  async save(path: string): Promise<void> {
    const word = this.#words.next();
    const before = await this.#read(path);
    const beside = `${path}.tmp`;
    await this.#dropIfThere(beside);
    await this.#overwrite(beside, before + word);
    await this.#replacing(path, () => this.#kernel.rename(beside, path));
    this.#words.written.add(word);
  }

  /** What was there is read and thrown away. */
  async replace(path: string): Promise<void> {
    const word = this.#words.next();
    await this.#drop(path);
    await this.#overwrite(path, word);
    this.#words.written.add(word);
  }

  async rename(from: string, to: string): Promise<void> {
    if (from === to) return;
    if (!(await this.#isFolder(to))) await this.#dropIfThere(to);
    await this.#replacing(to, () => this.#kernel.rename(from, to));
  }

  async remove(path: string): Promise<void> {
    if (await this.#isFolder(path)) {
      for (const name of await this.#kernel.list(path)) await this.remove(`${path}/${name}`);
      return this.#kernel.rmdir(path);
    }
    await this.#drop(path);
    await this.#replacing(path, () => this.#kernel.unlink(path));
  }

  async mkdir(path: string): Promise<void> {
    await this.#kernel.mkdir(path);
  }

  /** Every path here with its content; null: a folder. */
  async tree(path = ''): Promise<Record<string, string | null>> {
    const found: Record<string, string | null> = {};
    for (const name of await this.#kernel.list(path)) {
      const child = `${path}/${name}`;
      const isFolder = await this.#isFolder(child);
      found[child] = isFolder ? null : await this.#read(child);
      if (isFolder) Object.assign(found, await this.tree(child));
    }
    return found;
  }

  async #drop(path: string): Promise<void> {
    this.#words.drop(await this.#read(path));
  }

  /** As `>` does. */
  async #overwrite(path: string, text: string): Promise<void> {
    await this.#replacing(path, () => this.#kernel.writeFile(path, text));
  }

  /**
   * Drops the versions that `act` made the mount note as what goes, and as what the content at `path` replaces now; also
   * those that it has told the server to replace or to remove by the time that `act` is over.
   */
  async #replacing(path: string, act: () => Promise<void>): Promise<void> {
    await this.#pause();
    const owed = await this.#owedAt(path);
    const [removed, before] = [this.#removed(), this.#bases()];
    const { calls } = this.#world.drive;
    const called = calls.length;
    await act();
    await this.#pause();
    this.#words.drop(owed);
    for (const call of calls.slice(called))
      if (call.path === path && call.version !== undefined)
        this.#words.drop(this.#server.textOf(call.version));
    const gone = this.#removed().filter((version) => !removed.includes(version));
    const bases = this.#bases();
    for (const version of gone) this.#words.drop(this.#server.textOf(version));
    const ino = await this.#inoAt(path);
    const base = ino === null ? undefined : bases.get(ino);
    if (base !== undefined && base !== before.get(ino!)) this.#words.drop(this.#server.textOf(base));
  }

  async #inoAt(path: string): Promise<Ino | null> {
    return this.#kernel.stat(path).then(
      ({ ino }) => ino,
      () => null,
    );
  }

  async #owedAt(path: string): Promise<string> {
    const ino = await this.#inoAt(path);
    const content = ino === null ? null : (this.#world.spool.owed(ino)?.content ?? null);
    // A moment before it is settled, its payload is the content cache's: what the server has counts by its version.
    return content === null || !existsSync(content.file)
      ? ''
      : readFileSync(content.file, 'latin1').slice(0, content.size);
  }

  #removed(): Version[] {
    const { spool, tree } = this.#world;
    const items = [...spool.all()].map(({ item, removed }) => (removed ? item : null));
    return items.flatMap((item) => (item === null ? [] : (tree.peek(item)?.version ?? [])));
  }

  #bases(): Map<Ino, Version> {
    const bases = new Map<Ino, Version>();
    for (const { ino, content } of this.#world.spool.all())
      if (typeof content?.base === 'object') bases.set(ino, content.base.version);
    return bases;
  }

  async #dropIfThere(path: string): Promise<void> {
    try {
      await this.#drop(path);
    } catch (error) {
      if (!(error instanceof FsError) || error.errno !== 'ENOENT') throw error;
    }
  }

  async #isFolder(path: string): Promise<boolean> {
    const stat = await this.#kernel.stat(path).catch(() => null);
    return stat !== null && (stat.mode & TYPE) === FOLDER;
  }

  async #read(path: string): Promise<string> {
    const file = await this.#kernel.open(path);
    try {
      return (await this.#kernel.read(file, 0, LARGEST)).toString('latin1');
    } finally {
      await this.#kernel.close(file);
    }
  }

  async #openOrCreate(path: string): Promise<Descriptor> {
    const isThere = await this.#kernel.stat(path).then(
      () => true,
      () => false,
    );
    return isThere ? this.#kernel.open(path, { access: 'read-write' }) : this.#kernel.create(path);
  }

  async #sizeOf(file: Descriptor): Promise<number> {
    return (await this.#kernel.call('getattr', { node: file.node, handle: file.handle })).attributes.size;
  }
}
