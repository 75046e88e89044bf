/**
 * Identity of an item on the remote, stable over rename and overwrite: on SharePoint the UniqueId, lower case without
 * braces (protocol notes 2.2, 5.2.12); on a generic WebDAV server, which has none, `path:` and the drive path
 * that it, or the folder above it that we moved last, had at first.
 */
export type ItemId = string;

/** An opaque mark that changes whenever content or metadata may have changed: the ETag's text, compared only. */
export type Version = string;

/**
 * A place in the drive: `/` is the root, else `/Folder/name.txt`; decoded names as applications see them, no trailing
 * slash. Encoding for the wire belongs to the implementation of `Drive`.
 */
export type DrivePath = string;

export type ItemKind = 'file' | 'folder';

/** What the remote said about an item at one moment. Immutable. */
export interface DriveItem {
  readonly id: ItemId;
  /** Decoded, as applications see it; empty for the root. */
  readonly name: string;
  readonly kind: ItemKind;
  /** Bytes; 0 for folders. What the listing says: the served length may differ (protocol notes 2.7). */
  readonly size: number;
  /** Milliseconds since 1970, whole seconds on the wire. */
  readonly modifiedMs: number;
  readonly createdMs: number;
  readonly version: Version;
}

/** An item and the place where it was seen. */
export interface PlacedItem {
  readonly path: DrivePath;
  readonly item: DriveItem;
}
