/** One open folder of the in-memory file system. */
import type { DirectoryEntry, DirectoryReader, Entry } from '../../src/fs/index.js';
import type { MemoryFileSystem } from './memory-file-system.js';
import type { MemoryNode } from './memory-node.js';

export class MemoryDirectory implements DirectoryReader {
  readonly #fs: MemoryFileSystem;
  readonly #folder: MemoryNode;
  #names: readonly (readonly [string, MemoryNode])[] | null = null;

  constructor(fs: MemoryFileSystem, folder: MemoryNode) {
    this.#fs = fs;
    this.#folder = folder;
  }

  take(offset: number): this {
    if (this.#names === null || offset === 0) this.#names = [...this.#folder.children];
    return this;
  }

  at(cookie: number): DirectoryEntry | undefined {
    if (cookie === 0) return { name: '.', ino: this.#folder.id, kind: 'folder' };
    if (cookie === 1) return { name: '..', ino: this.#folder.parent.id, kind: 'folder' };
    const listed = this.#names?.[cookie - 2];
    return listed && { name: listed[0], ino: listed[1].id, kind: listed[1].kind };
  }

  lookUp(cookie: number): Entry | undefined {
    const listed = this.#names?.[cookie - 2];
    if (listed === undefined || this.#folder.children.get(listed[0]) !== listed[1]) return undefined;
    return this.#fs.entry(listed[1]);
  }
}
