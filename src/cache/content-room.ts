/**
 * Keeps the cache within its limit and leaves the disk its floor: what was used least recently goes first, what is
 * pinned or in use stays. When nothing can go, whatever is being fetched is handed through instead of kept.
 */
import { type Clock, freeBytes, type Log } from '../base/index.js';
import type { ContentEntry } from './content-entry.js';
import type { ContentIndex } from './content-index.js';
import { RangeEviction } from './range-eviction.js';
import type { PunchHole } from './slot-file.js';
import type { SlotPool } from './slot-pool.js';

export interface RoomParts {
  readonly directory: string;
  readonly limitBytes: number;
  readonly floorBytes: number;
  readonly mostFiles: number;
  readonly index: ContentIndex;
  readonly pool: SlotPool;
  readonly clock: Clock;
  readonly log: Log;
  /** Contents in use. */
  live(): Iterable<ContentEntry>;
  isInUse(slot: number): boolean;
  /** Missing: of what is open nothing can go but all of it. */
  readonly punchHole?: PunchHole | undefined;
  /** Free bytes of the disk; tests set it. */
  readonly freeBytes?: () => Promise<number>;
}

/** The disk is asked how full it is after so many bytes. */
const BYTES_PER_LOOK = 32 * 1024 * 1024;
/** Evicted in one go, so that not every new block evicts anew: this part of the limit. */
const SLACK = 0.02;
const EVICTED_PER_STEP = 32;
/** A full cache is looked at again after this. */
const EXHAUSTED_MS = 2_000;

export class ContentRoom {
  readonly #parts: RoomParts;
  readonly #ranges: RangeEviction;
  #unrecorded = 0;
  #sinceLook = 0;
  #making: Promise<boolean> | null = null;
  #exhaustedUntil = Number.NEGATIVE_INFINITY;
  #diskFullUntil = Number.NEGATIVE_INFINITY;
  #evicting = 0;
  #isClosed = false;
  #onIdle: () => void = () => {};

  constructor(parts: RoomParts) {
    this.#parts = parts;
    const recorded = (entry: ContentEntry) => this.recorded(entry);
    this.#ranges = new RangeEviction({ ...parts, recorded });
  }

  get bytes(): number {
    return this.#parts.index.bytes + this.#unrecorded;
  }

  /** Whether `bytes` more may be kept. Begins to make room when it becomes scarce. */
  hasRoom(bytes: number): boolean {
    const { limitBytes, clock } = this.#parts;
    if (clock.monotonic() < this.#exhaustedUntil) return false;
    if (this.bytes + Math.min(bytes, limitBytes) > limitBytes) this.#makeSoon();
    return true;
  }

  arrived(entry: ContentEntry, bytes: number): void {
    entry.unrecordedBytes += bytes;
    this.#unrecorded += bytes;
    this.#sinceLook += bytes;
    if (this.bytes > this.#parts.limitBytes || this.#sinceLook >= BYTES_PER_LOOK) this.#makeSoon();
  }

  /** Whole content of `bytes` was taken over; its file had its room on the disk already. */
  async adopted(bytes: number): Promise<void> {
    const { limitBytes, index, mostFiles } = this.#parts;
    this.#sinceLook += bytes;
    const isOver = this.bytes > limitBytes || index.count > mostFiles;
    if (isOver || this.#sinceLook >= BYTES_PER_LOOK) await this.enforce();
  }

  /** Something is no longer in use: it may be what the cache is above its limit with. */
  left(): void {
    if (this.bytes > this.#parts.limitBytes) this.#makeSoon();
  }

  /** The index knows all of the entry now, or nothing any more. */
  recorded(entry: ContentEntry): void {
    this.#unrecorded -= entry.unrecordedBytes;
    entry.unrecordedBytes = 0;
  }

  /** The disk refused a write, whatever it says of its room. False: nothing could go. */
  async diskIsFull(): Promise<boolean> {
    const isMade = await this.#evict(BYTES_PER_LOOK);
    if (!isMade) this.#diskIsExhausted();
    return isMade;
  }

  /** Whether the disk would take more, though the cache may hold no more. */
  get hasDisk(): boolean {
    return this.#parts.clock.monotonic() >= this.#diskFullUntil;
  }

  /** Has `bytes` more fit on the disk, and the cache into its limit. False: that is not possible. */
  async make(bytes: number): Promise<boolean> {
    const missing = await this.#missingOnDisk(bytes);
    if (missing <= 0) return true;
    await this.#evict(missing);
    return (await this.#missingOnDisk(bytes)) <= 0;
  }

  /** Brings the cache back into its bounds. */
  enforce(): Promise<boolean> {
    this.#making ??= this.#enforce().finally(() => {
      this.#making = null;
    });
    return this.#making;
  }

  async #enforce(): Promise<boolean> {
    const { limitBytes, floorBytes, index, mostFiles } = this.#parts;
    this.#sinceLook = 0;
    const slack = limitBytes * SLACK;
    const missing = await this.#missingOnDisk(floorBytes);
    const over = Math.max(this.bytes - limitBytes, missing);
    const filesOver = index.count - mostFiles;
    if (over <= 0 && filesOver <= 0) return true;
    const isMade = await this.#evict(over + (over > 0 ? slack : 0), filesOver);
    if (!isMade && missing > 0) this.#diskIsExhausted();
    else if (!isMade && over > 0) this.#exhausted();
    return isMade;
  }

  /** Evicts nothing any more; resolves when nothing is being evicted. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#evicting === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
  }

  #exhausted(): void {
    this.#exhaustedUntil = this.#parts.clock.monotonic() + EXHAUSTED_MS;
  }

  #diskIsExhausted(): void {
    this.#exhausted();
    this.#diskFullUntil = this.#exhaustedUntil;
  }

  #makeSoon(): void {
    if (this.#making !== null) return;
    this.enforce().catch((error: unknown) => {
      this.#parts.log.error({ error }, 'the content cache could not make room');
    });
  }

  /** False: nothing could go. */
  async #evict(bytes: number, files = 0): Promise<boolean> {
    this.#evicting += 1;
    try {
      return await this.#evictOldest(bytes, files);
    } finally {
      this.#evicting -= 1;
      if (this.#evicting === 0) this.#onIdle();
    }
  }

  async #evictOldest(bytes: number, files: number): Promise<boolean> {
    let freed = 0;
    let count = 0;
    let skipped = 0;
    while (!this.#isClosed && (freed < bytes || count < files)) {
      const oldest = this.#parts.index.oldest(EVICTED_PER_STEP, skipped);
      if (oldest.length === 0) break;
      for (const { slot, bytes: size, usedMs } of oldest) {
        if (freed < bytes) freed += await this.#ranges.evict(bytes - freed, usedMs);
        if (this.#isClosed || (freed >= bytes && count >= files)) break;
        if (this.#parts.isInUse(slot)) {
          skipped += 1;
          continue;
        }
        this.#parts.index.remove(slot);
        await this.#parts.pool.release(slot);
        freed += size;
        count += 1;
      }
    }
    if (!this.#isClosed) freed += await this.#ranges.evict(bytes - freed, Number.POSITIVE_INFINITY);
    if (this.#isClosed || freed >= bytes) return true;
    return freed + (await this.#emptyLive()) > 0;
  }

  /** Nothing else is left: the largest content that is still being fetched begins anew from where it is read. */
  async #emptyLive(): Promise<number> {
    let largest: ContentEntry | null = null;
    for (const entry of this.#parts.live()) {
      if (!entry.complete && !entry.isKept && entry.bytes > (largest?.bytes ?? 0)) largest = entry;
    }
    if (largest === null) return 0;
    this.recorded(largest);
    this.#parts.index.remove(largest.file.slot);
    return largest.empty();
  }

  async #missingOnDisk(bytes: number): Promise<number> {
    return bytes - (await this.#freeBytes());
  }

  async #freeBytes(): Promise<number> {
    if (this.#parts.freeBytes !== undefined) return this.#parts.freeBytes();
    return freeBytes(this.#parts.directory);
  }
}
