/**
 * Room on the disk that is the journal's alone. Bytes that an application writes may fill the disk to the last one; then
 * what they belong to could neither be recorded nor removed, and nothing would ever make room again. So a file without
 * meaning is kept beside the journal, and a change that finds the disk full takes a piece of it.
 */
import { randomBytes } from 'node:crypto';
import { statSync, truncateSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { freeBytes } from '../base/index.js';
import { codeOf } from './disk-error.js';

/** What is let go at once: a change or two of the journal. */
const PIECE_BYTES = 128 * 1024;
/** The same without room for the index that is shared by the log's readers. */
const FULL = new Set(['SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE']);

export class JournalReserve {
  readonly #path: string;
  readonly #bytes: number;

  constructor(path: string, bytes: number) {
    this.#path = path;
    this.#bytes = bytes;
  }

  /** Does work that a full disk leaves undone as a whole; while it is full, once more for each piece that is let go. */
  use<Result>(work: () => Result): Result {
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (!FULL.has(codeOf(error) ?? '') || !this.#letGo()) throw error;
      }
    }
  }

  /** Sets aside what is missing, once the disk has more room than that to spare. */
  async fill(): Promise<void> {
    const missing = this.#bytes - this.#size();
    if (missing <= 0) return;
    if ((await freeBytes(dirname(this.#path))) < missing + this.#bytes) return;
    try {
      // Random, so that no file system stores it smaller than it is.
      await appendFile(this.#path, randomBytes(missing), { mode: 0o600 });
    } catch (error) {
      // Somebody was faster; what could be set aside counts.
      if (codeOf(error) !== 'ENOSPC') throw error;
    }
  }

  #letGo(): boolean {
    const size = this.#size();
    if (size === 0) return false;
    truncateSync(this.#path, Math.max(0, size - PIECE_BYTES));
    return true;
  }

  #size(): number {
    return statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
  }
}
