/**
 * Lets go of the parts of open contents that were used least recently. What is here as a whole stays, for it may be read
 * behind our back, and so does what is pinned.
 */
import type { Clock, Log } from '../base/index.js';
import type { ContentEntry } from './content-entry.js';
import type { ContentIndex } from './content-index.js';
import type { PunchHole } from './slot-file.js';

export interface RangeEvictionParts {
  readonly index: ContentIndex;
  readonly clock: Clock;
  readonly log: Log;
  /** Missing: no file can be given back in part. */
  readonly punchHole?: PunchHole | undefined;
  live(): Iterable<ContentEntry>;
  /** The index is about to know all of the entry. */
  recorded(entry: ContentEntry): void;
}

export class RangeEviction {
  readonly #parts: RangeEvictionParts;
  #isRefused = false;

  constructor(parts: RangeEvictionParts) {
    this.#parts = parts;
  }

  /** About so many bytes of what was used before `beforeMs`; resolves with how many went. */
  async evict(bytes: number, beforeMs: number): Promise<number> {
    let freed = 0;
    while (freed < bytes) {
      const entry = this.#leastRecent();
      if (entry === null || entry.use.leastRecentMs >= beforeMs) break;
      freed += await this.#evictFrom(entry, bytes - freed);
    }
    return freed;
  }

  #leastRecent(): ContentEntry | null {
    const { live, index, punchHole } = this.#parts;
    if (punchHole === undefined || this.#isRefused) return null;
    let found: ContentEntry | null = null;
    for (const entry of live()) {
      const isOlder = entry.use.leastRecentMs < (found?.use.leastRecentMs ?? Number.POSITIVE_INFINITY);
      const mayGo = !entry.complete && !entry.isKept && !entry.isGone && !index.isPinned(entry.item);
      if (isOlder && mayGo) found = entry;
    }
    return found;
  }

  /** The index knows of the hole before it is made: after a crash nothing that it tells of is one. */
  async #evictFrom(entry: ContentEntry, missing: number): Promise<number> {
    const { index, clock, log, punchHole, recorded } = this.#parts;
    const parts = entry.use.take(missing);
    const bytes = entry.drop(parts);
    if (bytes === 0) return 0;
    recorded(entry);
    index.save(entry.record, clock.now());
    try {
      await entry.file.punch(parts, punchHole!);
      return bytes;
    } catch (error) {
      log.debug({ error }, "the cache's disk takes no parts of files back");
      this.#isRefused = true;
      return 0;
    }
  }
}
