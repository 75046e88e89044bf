import type { ByteRange, Clock } from '../base/index.js';
import type { ContentStream, Lane } from '../drive/index.js';
import type { ContentEntry } from './content-entry.js';
import type { ContentLimits } from './content-limits.js';

/** What an entry needs from the cache that it is in. */
export interface EntryOwner {
  readonly limits: ContentLimits;
  readonly clock: Clock;
  /** In exactly the entry's version; throws DriveError `changed` for another one. */
  fetch(
    entry: ContentEntry,
    range: ByteRange | null,
    lane: Lane,
    signal: AbortSignal,
  ): Promise<ContentStream>;
  /** Room for that many bytes more; false: they are not to be kept. */
  hasRoom(entry: ContentEntry, bytes: number): boolean;
  arrived(entry: ContentEntry, bytes: number, lane: Lane): void;
  /** The disk refused: makes room, if it can. */
  diskFull(entry: ContentEntry): Promise<boolean>;
  completed(entry: ContentEntry): void;
  /** Nobody uses it any more. */
  released(entry: ContentEntry): void;
  counted(isHit: boolean): void;
}
