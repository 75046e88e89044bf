/**
 * The remote as we wish it were. Everything above this line knows no HTTP, no WebDAV and no SharePoint.
 *
 * Contracts for all methods: they throw `DriveError` and nothing else, except the signal's reason when it fires; they
 * are safe to repeat after `unreachable` (an implementation looks before it repeats a move); a cancelled call may
 * still take effect on the server. Retries, throttling and renewal of the sign-in happen below this line.
 */
import type { ByteRange } from '../base/index.js';
import type { DriveItem, DrivePath, ItemId, ItemKind, Version } from './drive-item.js';
import type { TreeSource } from './tree-source.js';

export interface Drive {
  readonly capabilities: DriveCapabilities;

  /** The item at `path`. `absent` only when the server said so. */
  stat(path: DrivePath, options: RequestOptions): Promise<DriveItem>;

  /**
   * The folder itself and all of its children; pages arrive as they are parsed. A listing that ends without throwing
   * is whole: a partial answer throws.
   */
  list(path: DrivePath, options: RequestOptions): AsyncIterable<ListingPage>;

  /**
   * Opens the content. The answer names the version that the bytes belong to; with `options.version` set, another
   * version throws `changed`. The server's range may be shorter than asked at the end of the file only.
   */
  read(path: DrivePath, options: ReadOptions): Promise<ContentStream>;

  /**
   * Creates or replaces the file at `path` in one step on the server: readers see the whole old or the whole new
   * content. A failed upload leaves what was there. Resolves with the item as the server now has it.
   */
  upload(path: DrivePath, payload: Payload, options: UploadOptions): Promise<DriveItem>;

  /**
   * Gives up a resumable upload that nobody will go on with: nothing of it is left on the server. One that is gone
   * already counts as given up.
   */
  abandon(session: UploadSession, options: RequestOptions): Promise<void>;

  /** `exists` when something of that name is there; `absent` when the parent is not. */
  makeDirectory(path: DrivePath, options: MakeDirectoryOptions): Promise<DriveItem>;

  /** Moves and renames, keeping the item's identity where the server does. `exists` unless `overwrite`. */
  move(from: DrivePath, to: DrivePath, options: MoveOptions): Promise<DriveItem>;
  /**
   * Where the server gives no ids (`stableIds`): the item that a move, whose answer nobody heard, took from `from` to `to`;
   * null where nothing says that it did. From then on it is known there as who it was, as after `move`.
   */
  foundMoved(from: DrivePath, to: DrivePath, options: FoundMovedOptions): Promise<DriveItem | null>;

  /**
   * Server-side copy of a file to a free place: `exists` when something is there, for what a copy replaces loses its
   * identity; `absent` when the source or the folder is not. With `options.version` it is a copy of that version:
   * `changed` when somebody changed the source before the server was done. A refusal leaves nothing behind; a failure
   * that leaves open whether the copy is there (`unreachable`, `throttled`, `protocol`) is never repeated blindly.
   */
  copy(from: DrivePath, to: DrivePath, options: CopyOptions): Promise<DriveItem>;

  /**
   * Removes a file, or a folder with all that is in it. False: nothing was there, it was removed before or is elsewhere;
   * some servers do not tell that from a removal.
   */
  remove(path: DrivePath, options: RemoveOptions): Promise<boolean>;

  /**
   * Sets the item's modification time (whole seconds) without touching the content; resolves with the item as it is
   * afterwards (its version may have moved on). Calls made close together may travel in one request.
   */
  setModified(path: DrivePath, modifiedMs: number, options: ModifiedOptions): Promise<DriveItem>;

  quota(options: RequestOptions): Promise<Quota>;

  /** How often an item changed between two of its versions, where the server counts that; null where it does not. */
  changesBetween(before: Version, after: Version): number | null;

  /** The whole tree in pages, and its changes; null where the server offers neither. */
  readonly tree: TreeSource | null;
}

/** What a server can do; found by probing, never guessed. */
export interface DriveCapabilities {
  /** Item ids stay the same when an item is renamed or overwritten. */
  readonly stableIds: boolean;
  /** `upload` keeps `UploadOptions.modifiedMs` by itself, so that no `setModified` is needed afterwards. */
  readonly keepsModifiedOnUpload: boolean;
  /** `setModified` works at all. */
  readonly setsModified: boolean;
  /** The server refuses names that differ only in case. */
  readonly caseInsensitive: boolean;
  /** Longest decoded path in characters, from the site root on; Infinity where unknown. */
  readonly longestPath: number;
  /** How many characters of `longestPath` are used before the drive path begins. */
  readonly pathPrefixLength: number;
}

/** `interactive`: somebody waits. `bulk`: uploads, prefetch, snapshot; goes when nobody waits. */
export type Lane = 'interactive' | 'bulk';

export interface RequestOptions {
  readonly signal: AbortSignal;
  readonly lane: Lane;
}

export interface ListingPage {
  /** The folder itself; on the first page at the latest. */
  readonly folder: DriveItem | null;
  readonly items: readonly DriveItem[];
}

export interface ReadOptions extends RequestOptions {
  /** Default: the whole content; large ones are read by ranges. */
  readonly range?: ByteRange;
  readonly version?: Version;
}

export interface ContentStream {
  readonly version: Version;
  /** Bytes of the whole content as served now, where the answer tells; else null. */
  readonly totalSize: number | null;
  /** Where the first byte of `body` belongs. */
  readonly offset: number;
  /** Ends after the promised length or throws; never ends short. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Bytes to send, readable more than once. The content must not change while `upload` runs. */
export interface Payload {
  readonly size: number;
  /** The bytes of `range` in order. */
  open(range: ByteRange): AsyncIterable<Uint8Array>;
}

/**
 * What the caller believes is at the path: a version (replace exactly that; else `changed`) or `'absent'` (create only;
 * else `exists`). Nothing is replaced that the caller does not know.
 */
export type UploadBase = { readonly version: Version } | 'absent';

export interface UploadOptions extends RequestOptions {
  readonly base: UploadBase;
  readonly modifiedMs: number;
  /** A session of an earlier attempt at the same payload and path, as `onSession` gave it. */
  readonly resume?: UploadSession;
  /** Called whenever a resumable session begins, advances or (null) ends: keep it over restarts. */
  readonly onSession?: (session: UploadSession | null) => void;
  readonly onProgress?: (bytesSent: number) => void;
}

/** A resumable upload on the server; opaque to everybody but the drive that made it. JSON-serializable. */
export interface UploadSession {
  readonly id: string;
  readonly offset: number;
  /** The name under which a new file grows beside its place until it is whole; absent: it does not. */
  readonly growsAs?: string;
  /** Given by who goes on with it, or gives it up: where the folder is by now in which it was begun. Absent: where it was. */
  readonly folder?: DrivePath;
}

export interface MakeDirectoryOptions extends RequestOptions {
  /** What the caller knows to be removed: behind the name of the new folder it is what was there before. */
  readonly isGone?: (item: ItemId) => boolean;
}

export interface MoveOptions extends RequestOptions {
  readonly overwrite: boolean;
  /** What is moved, where the caller knows: another one at the new place may be what was there before. */
  readonly item?: ItemId;
  /** The version of the source that the caller knows; another one throws `changed` where the server can tell. */
  readonly version?: Version;
}

export interface FoundMovedOptions extends RequestOptions {
  readonly kind: DriveItem['kind'];
  /** Of a file: what it was before. */
  readonly version: Version;
}

export interface CopyOptions extends RequestOptions {
  /** The version of the source that is wanted. */
  readonly version?: Version;
}

export interface ModifiedOptions extends RequestOptions {
  /** Told each version that the item has on the way: it may take several attempts until the time is as it was meant. */
  readonly onVersion?: (version: Version) => void;
}

export interface RemoveOptions extends RequestOptions {
  readonly kind: ItemKind;
  /** Remove only this version; else `changed`. */
  readonly version?: Version;
  /**
   * Asked at the moment when the request leaves, after all that it had to wait for: false, and it is not sent but throws
   * `changed`. For DELETE has no condition on what is in a folder.
   */
  readonly mayLeave?: () => boolean;
}

export interface Quota {
  readonly usedBytes: number;
  readonly totalBytes: number;
}
