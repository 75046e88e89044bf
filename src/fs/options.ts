/** How one mount looks and behaves; the user's `-o` options that concern the file system. */
export interface FileSystemOptions {
  readonly readOnly: boolean;
  /** Owner of everything whose owner was not set here. */
  readonly uid: number;
  readonly gid: number;
  /** Taken from 0666 and 0777 for everything whose mode was not set here. */
  readonly umask: number;
  /** How long attributes and names are believed without a word from the server, milliseconds (`actimeo`). */
  readonly attributeLifetimeMs: number;
  /** What `fsync` waits for. */
  readonly fsync: 'local' | 'remote';
  /** What `st_blocks` tells: the real size, or what is on this disk. */
  readonly blocks: 'real' | 'cached';
  /** A smaller file is copied here: bringing it here and back keeps nobody waiting longer than the server's copy would. */
  readonly smallestServerCopyBytes: number;
  /** The page that a browser opens for a path of the drive (`user.odbfs.url`). */
  readonly pageOf: (path: string) => string;
}

/** What `smallestServerCopyBytes` is. */
export const SMALLEST_SERVER_COPY_BYTES = 256 * 1024;

/** Kernel lifetimes while the server's change log is followed and changes are pushed into the kernel's caches. */
export const PUSHED_LIFETIME_MS = 5 * 60_000;

/** Where they are not: asking us again costs no request as long as we believe what we know. */
export const UNPUSHED_LIFETIME_MS = 1000;

/** What `attributeLifetimeMs` is when nobody says anything (semantics: Consistency). */
export const DEFAULT_ATTRIBUTE_LIFETIME_MS = 30_000;
