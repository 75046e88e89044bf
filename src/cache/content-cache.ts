/**
 * Content that was fetched or written here, as sparse files by item *and* version; a read never mixes two versions.
 * Bounded by size with a free-space floor, least recently used first; pinned items stay. Survives restarts.
 */
import type { ItemId, Version } from '../drive/index.js';

export interface ContentCache {
  /**
   * Opens what is cached of one version, fetching nothing yet. Shared: all openers of an item and version see one
   * `CachedContent`; each calls `close` once.
   */
  open(item: ItemId, version: Version, listedSize: number): CachedContent;

  /** Takes over a file whose bytes are the whole content of that version (moved, or copied across devices). */
  adopt(item: ItemId, version: Version, file: string, size: number): Promise<void>;
  /** The same for a file that somebody has open, who reads the cache's from now on: it is not let go of before `close`. */
  adoptOpen(item: ItemId, version: Version, file: string, size: number): Promise<CachedContent>;

  /** The bytes that we have of `from` are those of `to` as well (metadata changed, or the server rewrote our upload). */
  renameVersion(item: ItemId, from: Version, to: Version): void;

  /** Nobody will ask for this item again. */
  forget(item: ItemId): void;

  /** Fetches the whole item in the background and keeps it; or lets it go. */
  setPinned(item: ItemId, pinned: boolean): void;
  /** Drops what is cached of a clean item that nobody pinned. */
  evict(item: ItemId): void;
  /** What is here of the newest version known: for `user.odbfs.state` and `-o blocks=cached`. */
  bytesOf(item: ItemId): number;
  isComplete(item: ItemId, version: Version): boolean;
  /** Fetch soon, in the bulk lane, if there is room (small files ahead of a sequential reader). */
  prefetch(item: ItemId, version: Version, size: number): void;

  /** Evicts clean content until `bytes` more fit on the disk; false when that is not possible. */
  makeRoom(bytes: number): Promise<boolean>;

  readonly statistics: { readonly bytes: number; readonly limitBytes: number; readonly hitRatio: number };
}

export interface CachedContent {
  readonly item: ItemId;
  readonly version: Version;
  /** Bytes of the whole: the listed size until the server's answer to a read told better. */
  readonly size: number;
  /** Every byte is here. */
  readonly complete: boolean;
  /** The sparse file, opened for reading; valid until `close`. */
  readonly descriptor: number;

  /**
   * At most `length` bytes from `offset`, fewer only at the end of the content. At once when they are here; else
   * fetched (once for everybody), with read-ahead when the reader is sequential. Throws `DriveError` (`changed` when
   * the server has another version and this one can't be completed).
   */
  read(offset: number, length: number, signal: AbortSignal): Uint8Array | Promise<Uint8Array>;

  /** Resolves, or throws as `read` does, when those bytes could be read: for who wants to know no more of them. */
  arrive(offset: number, length: number, signal: AbortSignal): Promise<void>;

  /** Fetches everything that is missing, and keeps all of it until `close`, though it be more than the cache may hold. */
  fill(signal: AbortSignal): Promise<void>;

  /** Calls back once when `complete` becomes true (at once if it is). */
  onComplete(callback: () => void): void;

  close(): void;
}
