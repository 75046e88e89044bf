/** Every bound of the content cache, and what it is unless somebody says otherwise. */
export interface ContentLimits {
  /** Contents up to this size are fetched as a whole in one request. */
  readonly smallFileBytes: number;
  /** What is fetched begins and ends at multiples of this. */
  readonly blockBytes: number;
  /** At most this far ahead of a sequential reader. */
  readonly readAheadBytes: number;
  /** One request of a read-ahead, or of a fetch of the whole. */
  readonly requestBytes: number;
  /** Requests under way for one content. */
  readonly requestsPerContent: number;
  /** Bytes of one request that have arrived and are not on the disk yet. */
  readonly unwrittenBytes: number;
  readonly prefetchWaiting: number;
  readonly prefetchParallel: number;
  readonly pinParallel: number;
  /** Emptied files that are kept for the next contents: making files is dear where many were removed. */
  readonly spareFiles: number;
  readonly files: number;
  readonly databaseCacheBytes: number;
}

export const DEFAULT_CONTENT_LIMITS: ContentLimits = {
  smallFileBytes: 256 * 1024,
  blockBytes: 64 * 1024,
  readAheadBytes: 32 * 1024 * 1024,
  requestBytes: 4 * 1024 * 1024,
  requestsPerContent: 8,
  unwrittenBytes: 1024 * 1024,
  prefetchWaiting: 256,
  prefetchParallel: 8,
  pinParallel: 2,
  spareFiles: 4096,
  files: 200_000,
  databaseCacheBytes: 8 * 1024 * 1024,
};
