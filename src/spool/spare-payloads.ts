/**
 * Empty files that were made ahead of need, in the thread pool. Where many files were removed a moment ago, ext4 takes
 * about a millisecond to make a new one (measured), and whoever copies a thousand files would wait for each; to rename
 * one that is there takes a hundredth of that. Where files cost nothing, none are kept.
 */
import { closeSync, open, openSync, renameSync } from 'node:fs';
import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Clock } from '../base/index.js';
import { codeOf } from './disk-error.js';

const openAsync = promisify(open);

/** A file that took longer to make is dear. */
const DEAR_MS = 0.3;
const FILE_MODE = 0o600;

export class SparePayloads {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #most: number;
  readonly #names: string[] = [];
  #last = 0;
  #isDear = false;
  #filling: Promise<void> | null = null;
  #isClosed = false;

  /** `most`: what a burst may take before it makes its files itself; at half of them, more are made. */
  constructor(folder: string, clock: Clock, most: number) {
    this.#most = most;
    this.#folder = folder;
    this.#clock = clock;
  }

  get count(): number {
    return this.#names.length;
  }

  /** Takes over what an earlier run left. What is not empty is nobody's spare: it is moved to `strange`, to be looked at. */
  async open(strange: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#folder)) {
      this.#last = Math.max(this.#last, Number(name) || 0);
      const file = join(this.#folder, name);
      if ((await stat(file)).size === 0) this.#names.push(file);
      else await rename(file, join(strange, `spare-${name}`));
    }
    if (this.#areFew) this.#tryOut();
  }

  /** A spare file becomes `file`; false when there is none. */
  take(file: string): boolean {
    for (let spare = this.#names.pop(); spare !== undefined; spare = this.#names.pop()) {
      try {
        renameSync(spare, file);
        if (this.#isDear && this.#areFew) this.#fill();
        return true;
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw error;
      }
    }
    return false;
  }

  /** Somebody made a file himself, which took him so long. */
  made(tookMs: number): void {
    this.#isDear = tookMs > DEAR_MS;
    if (this.#isDear) this.#fill();
  }

  /** Resolves when no file is being made any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#filling;
  }

  get #areFew(): boolean {
    return this.#names.length < this.#most / 2;
  }

  #tryOut(): void {
    const before = this.#clock.monotonic();
    const file = this.#nextFile();
    closeSync(openSync(file, 'wx', FILE_MODE));
    this.#names.push(file);
    this.made(this.#clock.monotonic() - before);
  }

  #fill(): void {
    if (this.#isClosed) return;
    this.#filling ??= this.#makeMore().finally(() => {
      this.#filling = null;
    });
  }

  /** One at a time: the thread pool has others to serve. A disk that takes no more files is no failure of anybody. */
  async #makeMore(): Promise<void> {
    while (!this.#isClosed && this.#names.length < this.#most) {
      const file = this.#nextFile();
      try {
        closeSync(await openAsync(file, 'wx', FILE_MODE));
      } catch {
        return;
      }
      this.#names.push(file);
    }
  }

  #nextFile(): string {
    this.#last += 1;
    return join(this.#folder, String(this.#last));
  }
}
