/** Puts the content cache together. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Log, Metrics } from '../base/index.js';
import type { ItemId } from '../drive/index.js';
import { openCacheDatabase } from './cache-database.js';
import type { ContentCache } from './content-cache.js';
import { ContentIndex } from './content-index.js';
import { type ContentLimits, DEFAULT_CONTENT_LIMITS } from './content-limits.js';
import { ContentRoom } from './content-room.js';
import { CONTENT_SCRIPT } from './content-schema.js';
import { type ContentFetch, DiskContentCache } from './disk-content-cache.js';
import { LiveEntries } from './live-entries.js';
import type { PunchHole } from './slot-file.js';
import { SlotPool, slotPath } from './slot-pool.js';
import type { Wanted } from './whole-fetches.js';

export interface ContentCacheOptions {
  readonly cacheDir: string;
  readonly limitBytes: number;
  /** The cache leaves this much of the disk free. */
  readonly floorBytes: number;
  readonly fetch: ContentFetch;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly limits?: Partial<ContentLimits>;
  /** What the server has of an item, as far as known; for items that are pinned before anybody read them. */
  readonly currentOf?: (item: ItemId) => Wanted | undefined;
  /** Gives a part of a file back to the disk; without it, of what is open nothing can go but all of it. */
  readonly punchHole?: PunchHole | undefined;
  /** Free bytes of the disk; by default the disk is asked. */
  readonly freeBytes?: () => Promise<number>;
}

export interface OpenContentCache extends ContentCache {
  isPinned(item: ItemId): boolean;
  /** Goes on fetching what is pinned and not here as a whole; to be called when the drive can be asked. */
  resumePins(): void;
  close(): Promise<void>;
}

export async function openContentCache(options: ContentCacheOptions): Promise<OpenContentCache> {
  const limits: ContentLimits = { ...DEFAULT_CONTENT_LIMITS, ...options.limits };
  const opened = openCacheDatabase({
    path: join(options.cacheDir, 'content.sqlite'),
    migrations: [CONTENT_SCRIPT],
    log: options.log,
    clock: options.clock,
    cacheBytes: limits.databaseCacheBytes,
  });
  const index = new ContentIndex(opened.database);
  const directory = join(options.cacheDir, 'content');
  if (opened.condition === 'suspect') trustOnlySynced(index, directory);
  const live = new LiveEntries();
  const pool = new SlotPool(directory, index.slots(), limits.spareFiles);
  const room = new ContentRoom({
    ...options,
    directory,
    mostFiles: limits.files,
    index,
    pool,
    live: () => live.all(),
    isInUse: (slot) => live.hasSlot(slot),
  });
  const cache = new ClosingCache(
    { ...options, index, pool, room, live, limits, currentOf: options.currentOf ?? nothing },
    () => opened.close(),
  );
  await room.enforce();
  return cache;
}

const nothing = () => undefined;

/** After a power cut: bytes that were recorded may not be on the disk, but for those that were synced. */
function trustOnlySynced(index: ContentIndex, directory: string): void {
  index.dropNotDurable();
  for (const { slot, durableMs, size } of index.pins().flatMap((item) => index.of(item))) {
    const found = statSync(slotPath(directory, slot), { throwIfNoEntry: false });
    if (found?.mtimeMs !== durableMs || found.size < size) index.remove(slot);
  }
}

class ClosingCache extends DiskContentCache implements OpenContentCache {
  readonly #closed: () => void;

  constructor(parts: ConstructorParameters<typeof DiskContentCache>[0], closed: () => void) {
    super(parts);
    this.#closed = closed;
  }

  override async close(): Promise<void> {
    await super.close();
    this.#closed();
  }
}
