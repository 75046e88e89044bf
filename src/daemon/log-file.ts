/**
 * The log of a daemon in the background: a file in its state folder, with one older file kept, so that a chatty day
 * can't fill the disk. Lines are never split over the two.
 */
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

export const LARGEST_LOG_BYTES = 5 * 1024 ** 2;

export class LogFile {
  readonly #path: string;
  readonly #largestBytes: number;
  #descriptor: number;
  #size: number;

  constructor(path: string, largestBytes: number = LARGEST_LOG_BYTES) {
    this.#path = path;
    this.#largestBytes = largestBytes;
    this.#descriptor = openSync(path, 'a', 0o600);
    this.#size = fstatSync(this.#descriptor).size;
  }

  /** Never throws: a full disk must not stop the daemon from doing its work. */
  write(line: string): void {
    try {
      if (this.#size + line.length > this.#largestBytes) this.#rotate();
      this.#size += writeSync(this.#descriptor, line);
    } catch {
      // The line is lost; there is nowhere left to say so.
    }
  }

  #rotate(): void {
    renameSync(this.#path, `${this.#path}.1`);
    closeSync(this.#descriptor);
    this.#descriptor = openSync(this.#path, 'a', 0o600);
    this.#size = 0;
  }
}
