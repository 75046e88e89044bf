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

/** A file that took longer to make is dear, unless it only had to wait for a busy machine: then one of so many is quick. */
const DEAR_MS = 0.3;
const JUDGED_BY = 3;
/** More are made once nobody has taken any for so long: whoever makes files would wait for the same folder. */
const REST_MS = 1000;
/** With less than this part of the most left, they are made at once, up to half. */
const LAST_PART = 8;
const FILE_MODE = 0o600;

export class SparePayloads {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #most: number;
  readonly #names: string[] = [];
  #last = 0;
  /** How long the last few files took. */
  readonly #tookMs: number[] = [];
  #filling: Promise<void> | null = null;
  #takenAtMs = Number.NEGATIVE_INFINITY;
  #cancelRest: (() => void) | null = null;
  #isClosed = false;

  /** `most`: what a burst may take before it makes its files itself; from half of them on, more are made after it. */
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
        this.#takenAtMs = this.#clock.monotonic();
        if (this.#isDear && this.#areFew && this.#filling === null) this.#makeMoreInTime();
        return true;
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw error;
      }
    }
    return false;
  }

  /** Somebody made a file himself, which took him so long. */
  made(tookMs: number): void {
    this.#tookMs.push(tookMs);
    if (this.#tookMs.length > JUDGED_BY) this.#tookMs.shift();
    if (this.#isDear) this.#fill();
  }

  /** Resolves when no file is being made any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRest?.();
    await this.#filling;
  }

  get #areFew(): boolean {
    return this.#names.length < this.#most / 2;
  }

  get #isInUse(): boolean {
    return this.#clock.monotonic() - this.#takenAtMs < REST_MS;
  }

  #makeMoreInTime(): void {
    if (this.#isInUse && this.#names.length >= this.#most / LAST_PART) this.#afterRest();
    else this.#tryOut();
  }

  #afterRest(): void {
    this.#cancelRest ??= this.#clock.after(REST_MS, () => {
      this.#cancelRest = null;
      this.#makeMoreInTime();
    });
  }

  get #isDear(): boolean {
    return this.#tookMs.length === JUDGED_BY && Math.min(...this.#tookMs) > DEAR_MS;
  }

  /** Makes a few: until one was quick, or it is clear that none will be; then all the others are made. */
  #tryOut(): void {
    for (let tried = 0; tried < JUDGED_BY; tried += 1) {
      const before = this.#clock.monotonic();
      const file = this.#nextFile();
      closeSync(openSync(file, 'wx', FILE_MODE));
      this.#names.push(file);
      this.made(this.#clock.monotonic() - before);
      if (this.#tookMs.at(-1)! <= DEAR_MS) return;
    }
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
      if (this.#isInUse && !this.#areFew) {
        this.#afterRest();
        return;
      }
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
