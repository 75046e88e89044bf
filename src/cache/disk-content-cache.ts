/** The `ContentCache` on this disk: hands out contents, shares them, records what is here, and lets go of what is not needed. */
import { unlink } from 'node:fs/promises';
import { type ByteRange, type Clock, type Log, type Metrics, RangeSet } from '../base/index.js';
import type { ContentStream, ItemId, Lane, Version } from '../drive/index.js';
import type { CachedContent, ContentCache } from './content-cache.js';
import { ContentEntry } from './content-entry.js';
import type { ContentIndex } from './content-index.js';
import type { ContentLimits } from './content-limits.js';
import type { ContentRoom } from './content-room.js';
import type { EntryOwner } from './entry-owner.js';
import type { LiveEntries } from './live-entries.js';
import { moveFile } from './move-file.js';
import { PrefetchQueue } from './prefetch-queue.js';
import type { SlotPool } from './slot-pool.js';

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

export interface Wanted {
  readonly version: Version;
  readonly size: number;
}

interface Task extends Wanted {
  readonly item: ItemId;
}

/** What arrived is recorded this often at least while it is being fetched. */
const RECORD_MS = 2_000;

export class DiskContentCache implements ContentCache, EntryOwner {
  readonly #parts: DiskCacheParts;
  readonly #ahead: PrefetchQueue<Task>;
  readonly #pins: PrefetchQueue<Task>;
  readonly #ending = new Set<Promise<void>>();
  readonly #unrecorded = new Set<ContentEntry>();
  #cancelRecording: (() => void) | null = null;

  constructor(parts: DiskCacheParts) {
    this.#parts = parts;
    const { limits } = parts;
    this.#ahead = new PrefetchQueue(limits.prefetchParallel, limits.prefetchWaiting, (task, signal) =>
      this.#fetchAll(task, signal),
    );
    this.#pins = new PrefetchQueue(limits.pinParallel, Number.POSITIVE_INFINITY, (task, signal) =>
      this.#fetchAll(task, signal),
    );
  }

  get limits(): ContentLimits {
    return this.#parts.limits;
  }

  get statistics(): ContentCache['statistics'] {
    const { metrics, room, limitBytes } = this.#parts;
    const hits = metrics.get('content.hits');
    const all = hits + metrics.get('content.misses');
    return { bytes: room.bytes, limitBytes, hitRatio: all === 0 ? 0 : hits / all };
  }

  open(item: ItemId, version: Version, listedSize: number): CachedContent {
    const entry = this.#enter(item, version, listedSize);
    if (entry.complete) this.counted(true);
    return entry;
  }

  async adopt(item: ItemId, version: Version, file: string, size: number): Promise<void> {
    const { pool, live, index, clock } = this.#parts;
    if (this.isComplete(item, version)) return unlink(file);
    const { slot } = pool.take();
    await moveFile(file, pool.pathOf(slot));
    const opened = live.find(item, version);
    if (opened !== undefined) await this.#pour(slot, opened, size);
    else {
      const present = RangeSet.from([{ offset: 0, length: size }]);
      this.#forgetRecord(item, version);
      index.save({ slot, item, version, size, present, durableMs: null }, clock.now());
    }
    this.#drop(item, version);
    await this.#parts.room.adopted(size);
  }

  renameVersion(item: ItemId, from: Version, to: Version): void {
    const { live, index, clock } = this.#parts;
    if (from === to || live.find(item, to) !== undefined) return;
    const entry = live.find(item, from);
    this.#forgetRecord(item, to);
    if (entry !== undefined) {
      live.remove(entry);
      entry.version = to;
      live.add(entry);
      if (index.find(item, from) !== undefined) this.#record(entry);
      return;
    }
    const record = index.find(item, from);
    if (record !== undefined) index.save({ ...record, version: to }, clock.now());
  }

  forget(item: ItemId): void {
    this.#parts.index.setPinned(item, false);
    this.#drop(item);
  }

  setPinned(item: ItemId, pinned: boolean): void {
    const { index } = this.#parts;
    index.setPinned(item, pinned);
    if (!pinned) {
      this.#pins.remove(item);
      return;
    }
    const known = index.of(item)[0] ?? this.#parts.live.of(item)[0];
    const wanted = this.#parts.currentOf(item) ?? known;
    if (wanted === undefined || this.isComplete(item, wanted.version)) return;
    this.#pins.add(item, { item, version: wanted.version, size: wanted.size });
  }

  isPinned(item: ItemId): boolean {
    return this.#parts.index.isPinned(item);
  }

  /** Goes on with what was pinned and is not here as a whole. */
  resumePins(): void {
    for (const item of this.#parts.index.pins()) this.setPinned(item, true);
  }

  evict(item: ItemId): void {
    if (!this.#parts.index.isPinned(item)) this.#drop(item);
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
    this.#ahead.add(`${item}\n${version}`, { item, version, size });
  }

  makeRoom(bytes: number): Promise<boolean> {
    return this.#parts.room.make(bytes);
  }

  async close(): Promise<void> {
    await Promise.all([this.#ahead.close(), this.#pins.close(), this.#parts.room.close()]);
    this.#cancelRecording?.();
    while (this.#ending.size > 0) await Promise.all(this.#ending);
    this.#recordAll();
    for (const entry of [...this.#parts.live.all()]) {
      entry.users = 1;
      entry.close();
    }
    while (this.#ending.size > 0) await Promise.all(this.#ending);
  }

  fetch(
    entry: ContentEntry,
    range: ByteRange | null,
    lane: Lane,
    signal: AbortSignal,
  ): Promise<ContentStream> {
    return this.#parts.fetch(entry.item, entry.version, range, lane, signal);
  }

  hasRoom(_entry: ContentEntry, bytes: number): boolean {
    return this.#parts.room.hasRoom(bytes);
  }

  arrived(entry: ContentEntry, bytes: number, lane: Lane): void {
    const { metrics, room, clock } = this.#parts;
    metrics.add(lane === 'bulk' ? 'content.bytesPrefetched' : 'content.bytesFetched', bytes);
    room.arrived(entry, bytes);
    this.#unrecorded.add(entry);
    this.#cancelRecording ??= clock.after(RECORD_MS, () => {
      this.#cancelRecording = null;
      this.#recordAll();
    });
  }

  diskFull(): Promise<boolean> {
    return this.#parts.room.diskIsFull();
  }

  completed(entry: ContentEntry): void {
    if (entry.isDoomed) return;
    this.#record(entry);
    if (this.#parts.index.isPinned(entry.item)) this.#end(this.#makeDurable(entry));
  }

  released(entry: ContentEntry): void {
    this.#end(this.#release(entry));
  }

  counted(isHit: boolean): void {
    this.#parts.metrics.add(isHit ? 'content.hits' : 'content.misses');
  }

  #enter(item: ItemId, version: Version, listedSize: number): ContentEntry {
    const { live } = this.#parts;
    const entry = live.find(item, version) ?? this.#load(item, version, listedSize);
    entry.users += 1;
    entry.isDoomed = false;
    return entry;
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
    const record = {
      slot: file.slot,
      item,
      version,
      size: listedSize,
      present: new RangeSet(),
      durableMs: null,
    };
    const entry = new ContentEntry(this, record, file);
    live.add(entry);
    this.#drop(item, version);
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
    if (file.length >= end) return new ContentEntry(this, record, file);
    file.close();
    this.#forgetRecord(item, version);
    return undefined;
  }

  /** Nobody will ask for an older version again; who has it open keeps it until he closes it. */
  #drop(item: ItemId, except?: Version): void {
    const { live, index, pool } = this.#parts;
    for (const entry of live.of(item)) if (entry.version !== except) entry.isDoomed = true;
    for (const record of index.of(item)) {
      if (record.version === except || live.hasSlot(record.slot)) continue;
      index.remove(record.slot);
      this.#end(pool.release(record.slot));
    }
  }

  #forgetRecord(item: ItemId, version: Version): void {
    const { index, pool, live } = this.#parts;
    const record = index.find(item, version);
    if (record === undefined) return;
    index.remove(record.slot);
    if (!live.hasSlot(record.slot)) this.#end(pool.release(record.slot));
  }

  /** Somebody had opened the version before its bytes were handed over. */
  async #pour(slot: number, entry: ContentEntry, size: number): Promise<void> {
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

  async #release(entry: ContentEntry): Promise<void> {
    const { live, index, pool, room } = this.#parts;
    await entry.settled();
    if (entry.users > 0 || entry.isGone) return;
    entry.isGone = true;
    this.#unrecorded.delete(entry);
    if (entry.isDoomed || entry.bytes === 0) {
      live.remove(entry);
      room.recorded(entry);
      index.remove(entry.file.slot);
      entry.file.close();
      await pool.release(entry.file.slot);
      return;
    }
    this.#record(entry);
    live.remove(entry);
    entry.file.close();
  }

  #recordAll(): void {
    for (const entry of this.#unrecorded) if (!entry.isDoomed) this.#record(entry);
    this.#unrecorded.clear();
  }

  #record(entry: ContentEntry): void {
    this.#parts.index.save(entry.record, this.#parts.clock.now());
    this.#parts.room.recorded(entry);
    this.#unrecorded.delete(entry);
  }

  async #makeDurable(entry: ContentEntry): Promise<void> {
    entry.users += 1;
    try {
      await entry.file.sync();
      entry.durableMs = entry.file.modifiedMs;
      this.#record(entry);
    } finally {
      entry.close();
    }
  }

  async #fetchAll(task: Task, signal: AbortSignal): Promise<void> {
    if (this.isComplete(task.item, task.version)) return;
    const entry = this.#enter(task.item, task.version, task.size);
    try {
      await entry.fillIn('bulk', signal);
    } catch (error) {
      if (!signal.aborted) this.#parts.log.debug({ error }, 'content could not be fetched ahead');
    } finally {
      entry.close();
    }
  }

  #end(work: Promise<void>): void {
    const ended = work
      .catch((error: unknown) => this.#parts.log.error({ error }, 'the content cache could not tidy up'))
      .finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }
}
