/**
 * Keeps the index true to what is in the files: what arrived is recorded at intervals and at the end, what is pinned is
 * synced once it is whole. Also waits for whatever of this goes on by itself.
 */
import type { Clock, Log } from '../base/index.js';
import type { ContentEntry } from './content-entry.js';
import type { ContentIndex } from './content-index.js';
import type { ContentRoom } from './content-room.js';
import { isDatabaseFull } from './disk-full.js';

export interface BookParts {
  readonly index: ContentIndex;
  readonly room: ContentRoom;
  readonly clock: Clock;
  readonly log: Log;
}

/** What arrived is recorded this often at least while it is being fetched. */
const RECORD_MS = 2_000;

export class ContentBook {
  readonly #parts: BookParts;
  readonly #ending = new Set<Promise<void>>();
  readonly #unrecorded = new Set<ContentEntry>();
  #cancelRecording: (() => void) | null = null;

  constructor(parts: BookParts) {
    this.#parts = parts;
  }

  /** Bytes of it came: to be recorded soon. */
  arrived(entry: ContentEntry): void {
    this.#unrecorded.add(entry);
    this.#recordSoon();
  }

  #recordSoon(): void {
    this.#cancelRecording ??= this.#parts.clock.after(RECORD_MS, () => {
      this.#cancelRecording = null;
      if (!this.recordAll()) this.#recordSoon();
    });
  }

  record(entry: ContentEntry): void {
    this.#parts.index.save(entry.record, this.#parts.clock.now());
    this.#parts.room.recorded(entry);
    this.#unrecorded.delete(entry);
  }

  /** Nobody uses it any more. What was recorded when it was whole needs only its time. */
  recordLeft(entry: ContentEntry): void {
    const { index, clock } = this.#parts;
    const isKnown = entry.complete && entry.unrecordedBytes === 0 && index.used(entry.file.slot, clock.now());
    if (isKnown) this.#unrecorded.delete(entry);
    else this.record(entry);
  }

  /** False: the disk is full. What is not recorded is fetched again after a restart, and nobody's bytes are lost. */
  recordAll(): boolean {
    try {
      for (const entry of this.#unrecorded) if (!entry.isDoomed) this.record(entry);
      this.#unrecorded.clear();
      return true;
    } catch (error) {
      if (!isDatabaseFull(error)) throw error;
      this.#parts.log.debug({ error }, 'the disk is full: what was fetched is not recorded');
      return false;
    }
  }

  /** Its file goes: nothing of it will be recorded. */
  strike(entry: ContentEntry): void {
    this.#unrecorded.delete(entry);
    this.#parts.room.recorded(entry);
    this.#parts.index.remove(entry.file.slot);
  }

  /** The bytes survive a power cut from here on. */
  async makeDurable(entry: ContentEntry): Promise<void> {
    entry.users += 1;
    try {
      await entry.file.sync();
      entry.durableMs = entry.file.modifiedMs;
      this.record(entry);
    } finally {
      entry.close();
    }
  }

  /** Work that nobody waits for until the cache is closed. */
  end(work: Promise<void>): void {
    const ended = work
      .catch((error: unknown) => this.#parts.log.error({ error }, 'the content cache could not tidy up'))
      .finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }

  /** Resolves when nothing goes on by itself any more. */
  async settled(): Promise<void> {
    this.#cancelRecording?.();
    this.#cancelRecording = null;
    while (this.#ending.size > 0) await Promise.all(this.#ending);
  }
}
