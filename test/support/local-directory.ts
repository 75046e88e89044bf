import {
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { FileSystemUnderTest, OpenMode } from './random-operations.js';

const FLAGS: Record<OpenMode, string> = { read: 'r', update: 'r+', create: 'w+', exclusive: 'wx+' };

/** The reference: the same operations on a directory of the local file system. */
export class LocalDirectory implements FileSystemUnderTest {
  readonly #root: string;
  #open = new Map<number, number>();

  constructor(root: string) {
    this.#root = root;
  }

  async open(slot: number, path: string, mode: OpenMode): Promise<void> {
    const descriptor = openSync(this.#at(path), FLAGS[mode]);
    if (statSync(this.#at(path)).isDirectory()) {
      closeSync(descriptor);
      throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    }
    await this.close(slot);
    this.#open.set(slot, descriptor);
  }
  async read(slot: number, offset: number, length: number): Promise<string> {
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, readSync(this.#descriptor(slot), buffer, 0, length, offset)).toString('latin1');
  }
  async write(slot: number, offset: number, text: string): Promise<void> {
    writeSync(this.#descriptor(slot), text, offset, 'latin1');
  }
  async resize(slot: number, size: number): Promise<void> {
    ftruncateSync(this.#descriptor(slot), size);
  }
  async fsync(slot: number): Promise<void> {
    fsyncSync(this.#descriptor(slot));
  }
  async close(slot: number): Promise<void> {
    const descriptor = this.#open.get(slot);
    this.#open.delete(slot);
    if (descriptor !== undefined) closeSync(descriptor);
  }
  async truncate(path: string, size: number): Promise<void> {
    truncateSync(this.#at(path), size);
  }
  async mkdir(path: string): Promise<void> {
    mkdirSync(this.#at(path));
  }
  async rmdir(path: string): Promise<void> {
    rmdirSync(this.#at(path));
  }
  async unlink(path: string): Promise<void> {
    unlinkSync(this.#at(path));
  }
  async rename(from: string, to: string): Promise<void> {
    renameSync(this.#at(from), this.#at(to));
  }
  async copy(from: string, to: string): Promise<void> {
    if (statSync(this.#at(from)).isDirectory())
      throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    copyFileSync(this.#at(from), this.#at(to), constants.COPYFILE_EXCL);
  }
  async list(path: string): Promise<string[]> {
    return readdirSync(this.#at(path)).sort();
  }
  async size(path: string): Promise<number> {
    const status = statSync(this.#at(path));
    return status.isDirectory() ? 0 : status.size;
  }

  async restarted(): Promise<void> {
    for (const slot of [...this.#open.keys()]) await this.close(slot);
  }

  async tree(path = ''): Promise<Record<string, string>> {
    const entries: Record<string, string> = {};
    for (const name of readdirSync(this.#at(path)).sort()) {
      const child = `${path}/${name}`;
      const isFolder = statSync(this.#at(child)).isDirectory();
      entries[child] = isFolder ? 'folder' : readFileSync(this.#at(child), 'latin1');
      if (isFolder) Object.assign(entries, await this.tree(child));
    }
    return Object.fromEntries(Object.entries(entries).sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  #descriptor(slot: number): number {
    const descriptor = this.#open.get(slot);
    if (descriptor === undefined) throw Object.assign(new Error('not open'), { code: 'EBADF' });
    return descriptor;
  }

  #at(path: string): string {
    return join(this.#root, path);
  }
}
