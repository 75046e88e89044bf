/** The `ContentCache` on this disk: hands out contents, shares them, records what is here, and lets go of what is not needed. */
import { unlink } from 'node:fs/promises';
import { type ByteRange, type Clock, type Log, type Metrics, RangeSet } from '../base/index.js';
import type { ContentStream, ItemId, Lane, Version } from '../drive/index.js';
import { ContentBook } from './content-book.js';
import type { CachedContent, ContentCache } from './content-cache.js';
import type { ContentEntry } from './content-entry.js';
import { outdated } from './content-fetches.js';
import type { ContentIndex } from './content-index.js';
import type { ContentLimits } from './content-limits.js';
import type { ContentRoom } from './content-room.js';
import { ContentShelf } from './content-shelf.js';
import type { EntryOwner } from './entry-owner.js';
import type { LiveEntries } from './live-entries.js';
import { moveFile } from './move-file.js';
import type { SlotPool } from './slot-pool.js';
import { type Wanted, WholeFetches } from './whole-fetches.js';

/** `range` null: the whole content. */
export type ContentFetch = (
  item: ItemId,
  version: Version,
  range: ByteRange | null,
  lane: Lane,
  signal: AbortSignal,
) => Promise<ContentStream>;

export interface DiskCacheParts {
  readonly index: ContentIndex;
  readonly pool: SlotPool;
  readonly room: ContentRoom;
  readonly live: LiveEntries;
  readonly limits: ContentLimits;
  readonly limitBytes: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly fetch: ContentFetch;
  /** What the server has of an item, as far as known; for items that are pinned before anybody read them. */
  readonly currentOf: (item: ItemId) => Wanted | undefined;
}

/** What is pinned and could not be fetched is tried again after this, and ever more seldom as long as that is no use. */
const RESUME_PINS_MS = 60_000;
const LONGEST_RESUME_PINS_MS = 3_600_000;
/** Looked at without letting others have a turn. */
const PINS_PER_TURN = 50;

export class DiskContentCache implements ContentCache, EntryOwner {
  readonly #parts: DiskCacheParts;
  readonly #book: ContentBook;
  readonly #shelf: ContentShelf;
  readonly #wholes: WholeFetches;
  #isClosed = false;
  readonly #unfetchedPins = new Set<ItemId>();
  #cancelResuming: (() => void) | null = null;
  #resumeInMs = RESUME_PINS_MS;

  constructor(parts: DiskCacheParts) {
    this.#parts = parts;
    this.#book = new ContentBook(parts);
    this.#shelf = new ContentShelf(parts, this, this.#book);
    this.#wholes = new WholeFetches({
      limits: parts.limits,
      log: parts.log,
      enter: (item, version, size) => this.#shelf.enter(item, version, size),
      isComplete: (item, version) => this.isComplete(item, version),
      pinFailed: (item) => this.#resumePinLater(item),
    });
  }

  get limits(): ContentLimits {
    return this.#parts.limits;
  }

  get clock(): Clock {
    return this.#parts.clock;
  }

  get statistics(): ContentCache['statistics'] {
    const { metrics, room, limitBytes } = this.#parts;
    const hits = metrics.get('content.hits');
    const all = hits + metrics.get('content.misses');
    return { bytes: room.bytes, limitBytes, hitRatio: all === 0 ? 0 : hits / all };
  }

  open(item: ItemId, version: Version, listedSize: number): CachedContent {
    const entry = this.#shelf.enter(item, version, listedSize);
    if (entry.complete) this.counted(true);
    return entry;
  }

  async adopt(item: ItemId, version: Version, file: string, size: number): Promise<void> {
    await this.#takeOver(item, version, file, size);
    await this.#parts.room.adopted(size);
  }

  async adoptOpen(item: ItemId, version: Version, file: string, size: number): Promise<CachedContent> {
    let entry: ContentEntry | undefined;
    await this.#takeOver(item, version, file, size, () => {
      entry = this.#shelf.enter(item, version, size);
    });
    await this.#parts.room.adopted(size);
    return entry!;
  }

  /** `taken` is called when the cache has it, and before anybody makes room. */
  async #takeOver(
    item: ItemId,
    version: Version,
    file: string,
    size: number,
    taken: () => void = () => undefined,
  ): Promise<void> {
    const { pool, live, index, clock } = this.#parts;
    if (this.isComplete(item, version)) {
      taken();
      return unlink(file);
    }
    const { slot } = pool.take();
    await moveFile(file, pool.pathOf(slot));
    const opened = live.find(item, version);
    if (opened !== undefined) await this.#shelf.pour(slot, opened, size);
    else {
      const present = RangeSet.from([{ offset: 0, length: size }]);
      this.#shelf.forgetRecord(item, version);
      index.save({ slot, item, version, size, present, durableMs: null }, clock.now());
    }
    this.#shelf.drop(item, version);
    taken();
  }

  renameVersion(item: ItemId, from: Version, to: Version): void {
    const { live, index, clock } = this.#parts;
    if (from === to || live.find(item, to) !== undefined) return;
    const entry = live.find(item, from);
    this.#shelf.forgetRecord(item, to);
    if (entry !== undefined) {
      live.remove(entry);
      entry.version = to;
      live.add(entry);
      if (index.find(item, from) !== undefined) this.#book.record(entry);
      return;
    }
    const record = index.find(item, from);
    if (record !== undefined) index.save({ ...record, version: to }, clock.now());
  }

  forget(item: ItemId): void {
    this.#parts.index.setPinned(item, false);
    this.#shelf.drop(item);
  }

  setPinned(item: ItemId, pinned: boolean): void {
    const { index } = this.#parts;
    index.setPinned(item, pinned);
    if (!pinned) {
      this.#wholes.unpin(item);
      return;
    }
    this.#hurryResuming();
    this.#fetchPinned(item);
  }

  #fetchPinned(item: ItemId): void {
    const { index } = this.#parts;
    const known = index.of(item)[0] ?? this.#parts.live.of(item)[0];
    const wanted = this.#parts.currentOf(item) ?? known;
    if (wanted === undefined) this.#resumePinLater(item);
    else if (!this.isComplete(item, wanted.version)) this.#wholes.pin(item, wanted);
  }

  isPinned(item: ItemId): boolean {
    return this.#parts.index.isPinned(item);
  }

  /** Goes on with what was pinned and is not here as a whole. */
  resumePins(): void {
    this.#hurryResuming();
    this.#book.end(this.#resume(this.#parts.index.pins()));
  }

  /** Offline, no room, or nobody knows the item yet: none of these lasts. */
  #resumePinLater(item: ItemId): void {
    this.#unfetchedPins.add(item);
    this.#scheduleResuming();
  }

  /** There is news: what could not be had may soon be had. */
  #hurryResuming(): void {
    if (this.#resumeInMs === RESUME_PINS_MS) return;
    this.#resumeInMs = RESUME_PINS_MS;
    this.#cancelResuming?.();
    this.#cancelResuming = null;
    if (this.#unfetchedPins.size > 0) this.#scheduleResuming();
  }

  #scheduleResuming(): void {
    this.#cancelResuming ??= this.#parts.clock.after(this.#resumeInMs, () => {
      this.#cancelResuming = null;
      this.#resumeInMs = Math.min(this.#resumeInMs * 2, LONGEST_RESUME_PINS_MS);
      const items = [...this.#unfetchedPins];
      this.#unfetchedPins.clear();
      this.#book.end(this.#resume(items));
    });
  }

  async #resume(items: readonly ItemId[]): Promise<void> {
    for (const [at, item] of items.entries()) {
      if (this.#isClosed) return;
      if (this.isPinned(item)) this.#fetchPinned(item);
      if (at % PINS_PER_TURN === PINS_PER_TURN - 1) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  evict(item: ItemId): void {
    if (!this.#parts.index.isPinned(item)) this.#shelf.drop(item);
  }

  bytesOf(item: ItemId): number {
    const live = this.#parts.live.of(item).at(-1);
    return live === undefined ? this.#parts.index.bytesOf(item) : live.bytes;
  }

  isComplete(item: ItemId, version: Version): boolean {
    const { live, index } = this.#parts;
    return live.find(item, version)?.complete ?? index.isComplete(item, version);
  }

  prefetch(item: ItemId, version: Version, size: number): void {
    if (this.isComplete(item, version) || !this.#parts.room.hasRoom(size)) return;
    this.#wholes.ahead(item, { version, size });
  }

  makeRoom(bytes: number): Promise<boolean> {
    return this.#parts.room.make(bytes);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelResuming?.();
    await Promise.all([this.#wholes.close(), this.#parts.room.close()]);
    await this.#book.settled();
    this.#book.recordAll();
    for (const entry of [...this.#parts.live.all()]) {
      entry.users = 1;
      entry.close();
    }
    await this.#book.settled();
  }

  /** The version may have another name by the time it is answered: what was asked for has the same bytes. */
  async fetch(
    { item, version }: ContentEntry,
    range: ByteRange | null,
    lane: Lane,
    signal: AbortSignal,
  ): Promise<ContentStream> {
    const stream = await this.#parts.fetch(item, version, range, lane, signal);
    if (stream.version !== version) throw outdated();
    return stream;
  }

  hasRoom({ isKept }: ContentEntry, bytes: number): boolean {
    const { room } = this.#parts;
    return room.hasRoom(bytes) || (isKept && room.hasDisk);
  }

  arrived(entry: ContentEntry, bytes: number, lane: Lane): void {
    const { metrics, room } = this.#parts;
    metrics.add(lane === 'bulk' ? 'content.bytesPrefetched' : 'content.bytesFetched', bytes);
    room.arrived(entry, bytes);
    this.#book.arrived(entry);
  }

  diskFull(): Promise<boolean> {
    return this.#parts.room.diskIsFull();
  }

  completed(entry: ContentEntry): void {
    if (entry.isDoomed) return;
    // Somebody waits for the bytes, and nobody for the record.
    if (this.#parts.index.isPinned(entry.item)) this.#book.end(this.#book.makeDurable(entry));
    else this.#book.arrived(entry);
  }

  released(entry: ContentEntry): void {
    this.#book.end(this.#shelf.release(entry).then(() => this.#parts.room.left()));
  }

  counted(isHit: boolean): void {
    this.#parts.metrics.add(isHit ? 'content.hits' : 'content.misses');
  }
}
