/**
 * Every setting and its default, in one place. How settings are written (`-o`, config.toml) is told by
 * `option-schema.ts`; where the file is and how it is edited by `config-file.ts`.
 */
import type { LogLevel } from '../base/index.js';

/** How an account signs in; `basic` only for generic WebDAV servers. */
export type SignInMethod = 'auto' | 'browser' | 'device' | 'code' | 'cookies' | 'password';

/** One account as it is configured. */
export interface AccountConfig {
  readonly name: string;
  /** The site's URL as normalized at sign-in. */
  readonly site: string;
  readonly method: SignInMethod;
  readonly username: string | null;
  readonly clientId: string | null;
  readonly tenant: string | null;
  /** Which protocol the server speaks. */
  readonly server: 'sharepoint' | 'webdav';
  /** Where the sign-in is kept: sealed on disk, or in memory until the machine's next start. */
  readonly secrets: 'disk' | 'memory';
  /**
   * Above the folder where the sign-in is sealed; null: the XDG folder. As configured: `-o state_dir` of one mount does
   * not take the sign-in along, for the other commands would look elsewhere.
   */
  readonly signInFolder: string | null;
  /** Absolute; null: the default of the account. */
  readonly mountpoint: string | null;
  readonly options: MountOptions;
}

/** All that a mount can be told. Sizes in bytes, rates in bytes per second. */
export interface MountOptions {
  readonly readOnly: boolean;
  readonly allowOther: boolean;
  readonly uid: number;
  readonly gid: number;
  readonly umask: number;
  readonly attributeLifetimeSeconds: number;
  /** How often the server's change log is asked while the mount is in use. */
  readonly pollSeconds: number;
  readonly fsync: 'local' | 'remote';
  /** Null: a tenth of the disk, at most `LARGEST_DEFAULT_CACHE_BYTES`. */
  readonly cacheLimitBytes: number | null;
  /** Null: the XDG folder of the account. */
  readonly cacheFolder: string | null;
  readonly stateFolder: string | null;
  readonly parallelUploads: number;
  readonly parallelDownloads: number;
  /** Null: no limit. */
  readonly uploadBytesPerSecond: number | null;
  readonly downloadBytesPerSecond: number | null;
  /** Larger files are uploaded in resumable chunks. */
  readonly chunkThresholdBytes: number;
  /** Behave as without a network. */
  readonly offline: boolean;
  /** Mount over a folder that is not empty; what is in it is hidden meanwhile. */
  readonly nonempty: boolean;
  readonly blocks: 'real' | 'cached';
  readonly bridge: 'auto' | 'native' | 'fuse-native';
  readonly logLevel: LogLevel;
}

export const LARGEST_DEFAULT_CACHE_BYTES = 20 * 1024 ** 3;
export const DEFAULT_CACHE_SHARE_OF_DISK = 0.1;
/** Clean cached content goes before less than this is free. */
export const LARGEST_FREE_FLOOR_BYTES = 1024 ** 3;
/** How long unmounting and stopping wait for owed uploads. TimeoutStopSec of the unit is this and a little more. */
export const DEFAULT_DRAIN_SECONDS = 300;

export function defaultOptions(): MountOptions {
  return {
    readOnly: false,
    allowOther: false,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    umask: 0o022,
    attributeLifetimeSeconds: 30,
    pollSeconds: 15,
    fsync: 'local',
    cacheLimitBytes: null,
    cacheFolder: null,
    stateFolder: null,
    parallelUploads: 10,
    parallelDownloads: 8,
    uploadBytesPerSecond: null,
    downloadBytesPerSecond: null,
    chunkThresholdBytes: 100 * 1024 ** 2,
    offline: false,
    nonempty: false,
    blocks: 'real',
    bridge: 'auto',
    logLevel: 'info',
  };
}
