/**
 * The whole tree at once, and what changed since: RenderListDataAsStream and the change log on SharePoint (protocol
 * notes 3.4).
 */
import type { RequestOptions } from './drive.js';
import type { DriveItem, DrivePath, ItemId, PlacedItem } from './drive-item.js';

/** Opaque position in the server's change log. */
export type ChangeToken = string;

/** Opaque position in a snapshot; a snapshot may go on from it after a restart. */
export type SnapshotCursor = string;

/** An item and its place, as an answer has them that does not say which version of it that is. */
export interface UnversionedItem {
  readonly path: DrivePath;
  readonly item: Omit<DriveItem, 'version'>;
}

export interface SnapshotPage {
  /** In no promised order: a child may come before its folder. The root is not among them. */
  readonly items: readonly PlacedItem[];
  /** The same of what the server does not tell the version of: to ask for each would be to walk the whole tree. */
  readonly unversioned: readonly UnversionedItem[];
  /** What is somewhere, and the server does not tell where; null where it does not tell what it is either. */
  readonly unplaced: readonly (ItemId | null)[];
  /** Null on the last page. */
  readonly next: SnapshotCursor | null;
}

export type Change =
  | { readonly kind: 'put'; readonly placed: PlacedItem }
  | { readonly kind: 'removed'; readonly id: ItemId; readonly by: 'the log' | 'its absence' }
  /** It is there and has changed, but where it is now, or what, the server does not tell. */
  | { readonly kind: 'unplaced'; readonly id: ItemId | null };

export interface ChangePage {
  /**
   * In the server's order. A `put` whose path is new moves the item; its descendants move with it. `removed` is whatever
   * changed and is not there any more, though the log may tell of that for a folder above alone: it may have been moved
   * into that folder just before, and then nobody here knows that it was in there. So it is by its absence alone that it
   * counts as gone, where the log does not say so, and a front end that lags behind shows the same.
   */
  readonly changes: readonly Change[];
  /** Where to go on; store it in the transaction that applies `changes`. */
  readonly token: ChangeToken;
  readonly more: boolean;
  /**
   * The log has told of these, and a front end that lags behind does not show them yet: the log is not read further for some
   * seconds, and what is not known to be anywhere may be where it will tell.
   */
  readonly awaited?: readonly ItemId[];
}

/** The token is older than the server remembers: a new snapshot is needed. */
export class ChangeTokenLost extends Error {
  override readonly name = 'ChangeTokenLost';
}

export interface SnapshotOptions extends RequestOptions {
  /** Asked again and again while the page arrives: resolves when nobody is held up by going on. */
  readonly makeWay?: () => Promise<void>;
}

export interface TreeSource {
  /** The log's present end. Take it before the first snapshot page. */
  currentToken(options: RequestOptions): Promise<ChangeToken>;
  snapshot(cursor: SnapshotCursor | null, options: SnapshotOptions): Promise<SnapshotPage>;
  /** Throws `ChangeTokenLost`, or `DriveError`. */
  changes(since: ChangeToken, options: RequestOptions): Promise<ChangePage>;
}
