/**
 * What we owe the remote and what was set here: the one durable record of everything that was done on this machine
 * and that the server does not have. It is kept not as a log of calls but as the *difference* between what is here and
 * what the server has, one `OwedNode` per file or folder that differs; so later operations coalesce with earlier ones
 * by construction (create + rename is an upload under the final name, create + unlink is nothing). The uploader works
 * the differences off, ordered where one depends on another.
 *
 * All mutations are synchronous, atomic and survive `kill -9` when they return; `sync` makes them survive a power cut.
 */
import type { DriveErrorKind, DriveItem, DrivePath, ItemId, UploadBase, Version } from '../drive/index.js';
import type { Joined } from './joined.js';
import type { LackingRoom as Waiting } from './lacking-room.js';
import type { LocalAttributes } from './local-attributes.js';

export type LackingRoom = Pick<Waiting, 'isEmpty' | 'has' | 'tookIn' | 'roomMade'>;

/** st_ino: the local identity of an item for its whole life, over restarts, uploads and renames. 53 bits, never 0. */
export type Ino = number;

/** The root folder's ino. */
export const ROOT_INO: Ino = 1;

export type NodeKind = 'file' | 'folder' | 'symlink';

/** How one node differs from what the server has. At least one of the aspects is set. */
export interface OwedNode {
  readonly ino: Ino;
  readonly kind: NodeKind;
  /** Null: the server does not have it yet. */
  readonly item: ItemId | null;
  /** Set: it belongs here, and the server has it elsewhere or not at all. Null: it is where the server has it. */
  readonly place: Place | null;
  /** It was removed here (with all below it); the server still has it. */
  readonly removed: boolean;
  readonly content: OwedContent | null;
  /** The server's modification time is to become this, once the content is there. */
  readonly modifiedMs: number | null;
  readonly state: OwedState;
}

export interface Place {
  readonly parent: Ino;
  readonly name: string;
}

export interface OwedContent {
  /** The payload file: every byte of the new content. Does not change while `state` is `sending`. */
  readonly file: string;
  readonly size: number;
  /** What the new content replaces. */
  readonly base: UploadBase;
  /** Grows with each update that began; tells whether an upload sent the newest bytes. */
  readonly generation: number;
}

/**
 * - `staged`  being written by an open file; not due
 * - `owed`    to be sent when `dueAtMs` has come and what it depends on is there
 * - `sending` under way
 * - `blocked` waits for the user to sign in
 * - `refused` the server will not take it; kept and shown until the user decides
 */
export type OwedState =
  | { readonly kind: 'staged' }
  | {
      readonly kind: 'owed';
      readonly dueAtMs: number;
      readonly attempts: number;
      readonly lastError: string | null;
      /** What the last attempt failed with, where the server said; null otherwise. */
      readonly failure: DriveErrorKind | null;
    }
  | { readonly kind: 'sending'; readonly bytesSent: number }
  | { readonly kind: 'blocked'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

export interface Spool {
  // --- identity ---
  /** The ino of a remote item: remembered for items born here, else derived from the id. */
  inoOf(item: ItemId): Ino;
  /** The item behind an ino that this spool has recorded; undefined for unknown inos and for nodes not yet sent. */
  itemOf(ino: Ino): ItemId | undefined;
  /** Remembers the pair, so that a node whose parent is a remote folder can be found after a restart. */
  bind(ino: Ino, item: ItemId): void;

  // --- the overlay, answered from memory ---
  owed(ino: Ino): OwedNode | undefined;
  owedOfItem(item: ItemId): OwedNode | undefined;
  /** Nodes whose `place` is in `parent`. */
  placedIn(parent: Ino): Iterable<OwedNode>;
  placedAt(parent: Ino, name: string): OwedNode | undefined;
  /** A node placed in `parent` under a name that differs from `name` only in case (simple lower-casing), if any. */
  placedVariant(parent: Ino, name: string): OwedNode | undefined;
  /**
   * True while a node of ours may have arrived on the server under this name without our knowing (the answer was lost):
   * what the server shows there is not somebody else's until the spool has looked.
   */
  mayHaveArrivedAt(parent: Ino, name: string): boolean;
  all(): Iterable<OwedNode>;
  /** Where the server may have a node's item that the tree has not heard of, the likeliest first. */
  rememberedPaths(ino: Ino): Iterable<DrivePath>;
  /** Under these names files of ours grow on the server until they are whole: nobody is shown them. */
  readonly growing: { has(name: string): boolean };
  /** Grows whenever a name that applications see may have come or gone by what is owed. */
  readonly namesVersion: number;
  /** Grows with every change of what is owed, of what was set here, and of which ino is which item. */
  readonly version: number;
  /** Our bytes beside somebody else's, as long as nobody removed or renamed them. */
  isConflictCopy(ino: Ino): boolean;

  // --- namespace; callers hold the directory locks and have checked POSIX's conditions ---
  /**
   * A new file (with an empty payload, staged), folder or symbolic link; returns it with a fresh ino. `ofParent`: what is
   * set of its folder by that, in the same step.
   */
  make(
    kind: NodeKind,
    place: Place,
    attributes: Partial<LocalAttributes>,
    ofParent?: Partial<LocalAttributes> | null,
  ): OwedNode;
  /** Removes a node: nothing is owed for one the server never had; else its removal. `item`: what the server has. */
  remove(ino: Ino, item: ItemId | null, kind: NodeKind): void;
  /**
   * Moves `ino` to `place`. `replaced` is what was there, if anything: when the server has it as a file and does not
   * have the moved node, the moved node takes over its item (its bytes become the next version, base `replacedItem`'s
   * version); otherwise the replaced node counts as removed and the move overwrites it on the server.
   */
  rename(ino: Ino, item: ItemId | null, kind: NodeKind, place: Place, replaced: Replaced | null): void;

  // --- content ---
  /**
   * Begins an update of a file's content: stops an upload of it that is under way, and gives the payload file, opened
   * for reading and writing. `seed` is called to write the base content into a fresh payload (not when truncating).
   * Refuses with ENOSPC (system error) before anything was changed when the disk is full.
   */
  beginUpdate(ino: Ino, options: UpdateOptions): Promise<Update>;
  /**
   * The content was changed up to now and is `size` long: it is owed from `quietMs` after this on. `times`: what `touch`
   * and `setAttributes` would be told with it, in the same step.
   */
  commit(ino: Ino, size: number, times?: WrittenTimes): void;
  /**
   * The payload was changed again after `commit`, by a writer that is still open: staged until the next `commit`
   * (recovery then takes the file's size, not the committed one). Nothing happens when it is staged already.
   */
  dirty(ino: Ino): void;
  /**
   * The file system's word before anything about a node is sent: called and awaited just before an upload reads the
   * payload, and before a removal. Afterwards writers can't reach the payload until `beginUpdate`. The spool looks at
   * the node again after it (it may have been made `staged` or due later meanwhile).
   */
  onBeforeSend(quiesce: (ino: Ino) => Promise<void>): void;
  /**
   * Fills a new file that is still empty by a copy on the server. Resolves when the server has it, with the item: no
   * content is owed any more. Null: it can't be asked for that now. Neither then nor after it threw was anything changed
   * here, but the server may have made the copy all the same; what is written and sent later takes that into account.
   */
  copyFrom(ino: Ino, source: CopySource, signal: AbortSignal): Promise<DriveItem | null>;
  /** Owes the server's modification time; with content owed, this is what the upload carries. */
  touch(ino: Ino, item: ItemId | null, modifiedMs: number): void;

  // --- what was set here ---
  attributes(ino: Ino): LocalAttributes | undefined;
  /** Remembers with the pin which item it is, so that it outlives the caches; `item` null: it has none yet. */
  setPinned(ino: Ino, item: ItemId | null, pinned: boolean): void;
  pinnedItems(): ItemId[];
  setAttributes(ino: Ino, changes: Partial<LocalAttributes>): void;
  /** `item` may be what a move or a time of ours, whose answer is not known yet, made of that version of it. */
  isOwnStep(before: Version, item: DriveItem): boolean;
  /** The server itself made `after` of `before`, which we had sent: what is to replace the one may replace the other. */
  rewritten(ino: Ino, before: Version, after: Version): void;

  // --- durability and barriers ---
  /** Resolves when all that was recorded and written so far for `ino` (default: everything) survives a power cut. */
  sync(ino?: Ino): Promise<void>;
  /**
   * Resolves when nothing at or below the given nodes is owed any more; rejects with the signal's reason. What is waited
   * for is sent without resting first, also what comes to be sendable meanwhile.
   */
  settled(inos: readonly Ino[] | 'all', signal: AbortSignal): Promise<void>;
  /** Why nothing at all is sent now, and will not be by itself soon; null: things go on, as far as is known. */
  readonly standstill: Standstill | null;
  readonly lackingRoom: LackingRoom;
  /** Sends everything that is owed as soon as it may be sent, without waiting for quiet; refused ones once more. */
  hurry(): void;

  // --- what the remote tells ---
  /**
   * The server no longer has `item`: see SPOOL.md, "when the remote changes". False: nothing is owed for it or in it, so
   * it is gone here as well. `folder`: the item that `lastPlace.parent` is.
   */
  remoteRemoved(item: ItemId, kind: DriveItem['kind'], lastPlace: Place, folder: ItemId): boolean;
  /** Somebody else moved folders: one that we are moving into it may have to stay where it is. */
  remoteMoved(): void;
  /** Folders that were not known to be where they are: one that is to be made in such a place is that one. */
  remoteCame(folders: readonly ItemId[]): void;

  subscribe(listener: (event: SpoolEvent) => void): () => void;
  readonly statistics: {
    readonly owed: number;
    readonly active: number;
    readonly bytesOwed: number;
    readonly refused: number;
    readonly conflicts: number;
  };
}

export type Standstill = Extract<DriveErrorKind, 'signed-out' | 'unreachable'>;

export interface Replaced {
  readonly ino: Ino;
  readonly item: ItemId | null;
  readonly kind: NodeKind;
  readonly version: string | null;
}

/** When content was changed, for the server and for us. */
export interface WrittenTimes {
  readonly item: ItemId | null;
  readonly modifiedMs: number;
  readonly attributes: Partial<LocalAttributes>;
}

/** What the server has and is to have once more. */
export interface CopySource {
  readonly item: ItemId;
  readonly version: Version;
  readonly size: number;
}

export interface UpdateOptions {
  readonly item: ItemId | null;
  /** What the update replaces, when no content is owed yet. */
  readonly base: UploadBase;
  /** Start from nothing instead of from the seed. */
  readonly truncate: boolean;
  /** Writes the base content to the given descriptor; resolves with its size. */
  readonly seed: (descriptor: number) => Promise<number>;
}

/** A payload being written; the caller writes to `descriptor` as it likes between `beginUpdate` and `commit`. */
export interface Update {
  readonly descriptor: number;
  readonly size: number;
  readonly generation: number;
  /** The caller is done with the descriptor (its last writer closed); the spool closes it. */
  close(): void;
}

export type SpoolEvent =
  /** The server now has the node as `item`, in the folder `parent`; `file`: the payload that is exactly its content. */
  | {
      readonly kind: 'stored';
      readonly ino: Ino;
      readonly parent: Ino;
      readonly item: DriveItem;
      readonly file: string | null;
      /** The server made it itself, out of another item: nobody here has its bytes. */
      readonly isCopy: boolean;
      /** A folder that we just made: it is empty. */
      readonly isNewFolder: boolean;
      /** The version that our content replaced; null: none, or nobody knows. */
      readonly replaced: Version | null;
      /** Somebody else's bytes, which nobody here has seen, came with our move or time. */
      readonly isEdited: boolean;
      /** Somebody else did something to it after us: what is known of it already is newer than `item`. */
      readonly isOvertaken: boolean;
    }
  /** The same, once nothing is owed any more: it is at one of these places, and something else may be at the other. */
  | { readonly kind: 'overtaken'; readonly ino: Ino; readonly places: readonly Place[] }
  /** The server no longer has the item. */
  | { readonly kind: 'removed'; readonly ino: Ino; readonly item: ItemId }
  | Joined
  /** It was removed here, and stays: somebody else changed it meanwhile, or put something into it. */
  | { readonly kind: 'kept'; readonly ino: Ino; readonly place: Place | null }
  /**
   * Somebody else changed the file, or took its name (`from`): our bytes are now `copy` beside the server's. It is a
   * new node, or, when the server never had ours, the same one under another name (`copy.ino` is `ino`).
   */
  | { readonly kind: 'conflict'; readonly ino: Ino; readonly copy: OwedNode; readonly from: Place }
  | { readonly kind: 'refused'; readonly ino: Ino; readonly reason: string }
  | { readonly kind: 'blocked'; readonly reason: string }
  /** `statistics` changed. */
  | { readonly kind: 'progress' };
