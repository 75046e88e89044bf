/** Every bound of the spool and its default. */
export interface SpoolLimits {
  /** Uploads, moves and removals under way at once; the transport may hold some of them back. */
  readonly parallelUploads: number;
  /** Of these, how many may be larger than `largeBytes`. */
  readonly parallelLarge: number;
  readonly largeBytes: number;
  /** Times sent at once: they cost little, and those made together share a request. */
  readonly parallelTimes: number;
  /** How long a node rests after its last change before it is sent: a rename that follows makes it one upload. */
  readonly quietMs: number;
  /** The same for what is larger than `largeBytes`: sending it takes so long that a later rename costs it nothing. */
  readonly largeQuietMs: number;
  /** How long a folder rests after the last removal at or below it, so that `rm -rf` becomes one request. */
  readonly deleteQuietMs: number;
  /** Whatever goes on, a removal waits no longer than this. */
  readonly longestDeleteQuietMs: number;
  /** A time that is all that is owed waits for so many of its kind, as many as one request takes. */
  readonly timesTogether: number;
  /** It waits no longer than this. */
  readonly timesRestMs: number;
  /** The same while somebody waits for what is sent. */
  readonly timesAwaitedMs: number;
  /** Disk space that is left to others; below it, updates are refused with ENOSPC. */
  readonly freeSpaceFloorBytes: number;
  /** Set aside on the disk for the journal, so that a full disk can be tidied up. */
  readonly journalReserveBytes: number;
  /** Empty files made ahead where making one takes long. */
  readonly sparePayloads: number;
  /** Contents up to this size are compared byte for byte when it is not clear whose they are. */
  readonly comparedBytes: number;
  /** For so long a front end may not show what another one has done (protocol notes 5.2.6). */
  readonly lagMs: number;
}

export const DEFAULT_SPOOL_LIMITS: SpoolLimits = {
  parallelUploads: 10,
  parallelLarge: 2,
  largeBytes: 16 * 1024 * 1024,
  parallelTimes: 100,
  quietMs: 700,
  largeQuietMs: 300,
  deleteQuietMs: 1500,
  longestDeleteQuietMs: 10_000,
  timesTogether: 50,
  timesRestMs: 2000,
  timesAwaitedMs: 1000,
  freeSpaceFloorBytes: 64 * 1024 * 1024,
  journalReserveBytes: 1024 * 1024,
  sparePayloads: 1024,
  comparedBytes: 64 * 1024 * 1024,
  lagMs: 5_000,
};
