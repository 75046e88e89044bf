/**
 * Which file holds which version: opens the one that is there, begins a new one, lets go of older versions, gives the
 * files of what nobody uses back.
 */
import { type Clock, RangeSet } from '../base/index.js';
import type { ItemId, Version } from '../drive/index.js';
import type { ContentBook } from './content-book.js';
import { ContentEntry } from './content-entry.js';
import type { ContentIndex } from './content-index.js';
import type { EntryOwner } from './entry-owner.js';
import type { LiveEntries } from './live-entries.js';
import type { SlotPool } from './slot-pool.js';

export interface ShelfParts {
  readonly index: ContentIndex;
  readonly pool: SlotPool;
  readonly live: LiveEntries;
  readonly clock: Clock;
}

export class ContentShelf {
  readonly #parts: ShelfParts;
  readonly #owner: EntryOwner;
  readonly #book: ContentBook;

  constructor(parts: ShelfParts, owner: EntryOwner, book: ContentBook) {
    this.#parts = parts;
    this.#owner = owner;
    this.#book = book;
  }

  /** One more user of it, who closes it once. */
  enter(item: ItemId, version: Version, listedSize: number): ContentEntry {
    const { live } = this.#parts;
    const entry = live.find(item, version) ?? this.#load(item, version, listedSize);
    entry.users += 1;
    entry.isDoomed = false;
    return entry;
  }

  /** Nobody will ask for an older version again; who has it open keeps it until he closes it. */
  drop(item: ItemId, except?: Version): void {
    const { live, index, pool } = this.#parts;
    for (const entry of live.of(item)) if (entry.version !== except) entry.isDoomed = true;
    for (const record of index.of(item)) {
      if (record.version === except || live.hasSlot(record.slot)) continue;
      index.remove(record.slot);
      this.#book.end(pool.release(record.slot));
    }
  }

  forgetRecord(item: ItemId, version: Version): void {
    const { index, pool, live } = this.#parts;
    const record = index.find(item, version);
    if (record === undefined) return;
    index.remove(record.slot);
    if (!live.hasSlot(record.slot)) this.#book.end(pool.release(record.slot));
  }

  /** Somebody had opened the version before its bytes were handed over. */
  async pour(slot: number, entry: ContentEntry, size: number): Promise<void> {
    const source = this.#parts.pool.file(slot);
    entry.users += 1;
    try {
      await entry.takeFrom(source, size);
    } finally {
      source.close();
      entry.close();
      await this.#parts.pool.release(slot);
    }
  }

  /** Nobody used it a moment ago: its file is kept with what is in it, or given back. */
  async release(entry: ContentEntry): Promise<void> {
    const { live, pool } = this.#parts;
    await entry.settled();
    if (entry.users > 0 || entry.isGone) return;
    entry.isGone = true;
    if (entry.isDoomed || entry.bytes === 0) {
      live.remove(entry);
      this.#book.strike(entry);
      entry.file.close();
      await pool.release(entry.file.slot);
      return;
    }
    this.#book.recordLeft(entry);
    live.remove(entry);
    entry.file.close();
  }

  #load(item: ItemId, version: Version, listedSize: number): ContentEntry {
    const { index, pool, live, clock } = this.#parts;
    const known = this.#loadKnown(item, version);
    if (known !== undefined) {
      index.used(known.file.slot, clock.now());
      live.add(known);
      return known;
    }
    const file = pool.take();
    const present = new RangeSet();
    const record = { slot: file.slot, item, version, size: listedSize, present, durableMs: null };
    const entry = new ContentEntry(this.#owner, record, file);
    live.add(entry);
    this.drop(item, version);
    return entry;
  }

  /** A record whose file is not what it was counts for nothing. */
  #loadKnown(item: ItemId, version: Version): ContentEntry | undefined {
    const { index, pool } = this.#parts;
    const record = index.find(item, version);
    if (record === undefined) return undefined;
    const file = pool.file(record.slot);
    let end = 0;
    for (const { offset, length } of record.present) end = offset + length;
    if (file.length >= end) return new ContentEntry(this.#owner, record, file);
    file.close();
    this.forgetRecord(item, version);
    return undefined;
  }
}
