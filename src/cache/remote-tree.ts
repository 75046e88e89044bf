/**
 * What we remember of the remote's tree: attributes, names, whole listings; in memory (LRU) in front of a database
 * that survives restarts. Always the *server's* view: what we owe is laid over it in `fs/`, never mixed in here.
 *
 * Methods that may have to ask answer at once (no promise) from what is known and fresh; otherwise they ask the drive
 * once for everybody who waits. Before asking they take a stamp, and an answer is stored only if no newer truth about
 * the same item or folder came in meanwhile.
 */
import type { DriveItem, DrivePath, ItemId, Lane, RequestOptions, Version } from '../drive/index.js';

export interface RemoteTree {
  /** The root folder's id. Known after `open`. */
  readonly root: ItemId;

  /** All of it is being read: what is not known yet, or not where it was, will be told. */
  readonly isBeingRead: boolean;

  /** The item called `name` in `folder`, or null when the server (or a whole listing of ours) says there is none. */
  lookup(folder: ItemId, name: string, asking: Asking): DriveItem | null | Promise<DriveItem | null>;

  /** All children of `folder`, to be read a few at a time and closed: whole, or it throws. */
  children(folder: ItemId, asking: Asking): ChildrenReader | Promise<ChildrenReader>;

  /** The item as it was confirmed at most `asking.maxAgeMs` ago (null: it is gone). */
  refresh(item: ItemId, asking: Asking): DriveItem | null | Promise<DriveItem | null>;

  /**
   * Brings in what changed on the server by now, by one question for the whole tree. False when its changes are not
   * followed (yet): then only listings tell.
   */
  catchUp(asking: RequestOptions): Promise<boolean>;

  /**
   * An item known in `folder` whose name differs from `name` only in case (simple lower-casing), if any. From what is
   * known; never asks. Must be cheap in a folder of 100,000 (an index, not a scan).
   */
  caseVariant(folder: ItemId, name: string): DriveItem | undefined;

  /** What is known without asking, however old. */
  peek(item: ItemId): DriveItem | undefined;
  named(folder: ItemId, name: string): DriveItem | undefined;
  parentOf(item: ItemId): ItemId | undefined;
  /** Where the server has it, as far as we know. */
  pathOf(item: ItemId): DrivePath | undefined;

  /**
   * New truth from an operation of our own: the item is in `parent` as given (made, uploaded, moved, touched). `isNew`:
   * we just made it, so a folder is known to be empty and need not be listed. `replaced`: the version that ours replaced,
   * which may be one that nobody told of here: a server that lags may still show it.
   */
  learn(parent: ItemId, item: DriveItem, isNew?: boolean, replaced?: Version | null): void;
  /**
   * We are moving the item to the path `to`: not to be found where it was, it is not gone. What is returned is to be called
   * when the answer is in, or will not come; `isRefused`: the server said no, so that nothing came of it.
   */
  expect(item: ItemId, to: DrivePath): (isRefused?: boolean) => void;
  /** What the server moved was another one, which had its place: nothing of ours happened to this one. */
  unmoved(item: ItemId): void;
  /** The change log told of it so lately that other answers of the server may still show what was before. */
  mayLag(item: ItemId): boolean;
  /** New truth: the item, and all below it, is gone from the server. */
  unlearn(item: ItemId): void;

  /** Called with what changed on the server and did not come through `learn` or `unlearn`. Returns the way to stop. */
  subscribe(listener: (changes: readonly RemoteChange[]) => void): () => void;

  /** Grows whenever a name appears anywhere, or goes. */
  readonly namesVersion: number;
  /** Grows with every change of any item: its name, its place, what it is. */
  readonly version: number;

  readonly statistics: {
    readonly items: number;
    readonly complete: boolean;
    readonly changedAtMs: number | null;
    /** Of the items asked for, the share that was in memory and not read from the database. */
    readonly hitRatio: number;
  };
}

/**
 * The children of a folder. Reading asks nobody and never waits. What is there from the first page to the last is shown
 * at least once, and once only as long as nothing changes; what changes meanwhile may be shown again: whoever reads on
 * after a change tells names apart.
 */
export interface ChildrenReader {
  /** A name came or went since reading began. */
  readonly hasChanged: boolean;
  /** At most `most` more; none at the end, as of now. */
  next(most: number): readonly DriveItem[];
  /** To be asked at the end: names that came or went since, with what the server has there now. None: it is the end. */
  changed(most: number): readonly (readonly [name: string, item: DriveItem | null])[];
  close(): void;
}

export interface Asking {
  readonly signal: AbortSignal;
  readonly lane: Lane;
  /** How old a remembered answer may be; Infinity: anything that is known. */
  readonly maxAgeMs: number;
  /** With an age of 0: where the server can't be asked, what is known will do. Else it has to say. */
  readonly orKnown?: boolean;
  /** Nobody relies on it before he asks again (stat, not open): what is known will do soon. */
  readonly isGlance?: boolean;
}

export type RemoteChange =
  | { readonly kind: 'added'; readonly parent: ItemId; readonly item: DriveItem }
  /** A folder that nobody knew of in one that was not known whole. It may have been there all the time. */
  | { readonly kind: 'found'; readonly item: DriveItem }
  | { readonly kind: 'changed'; readonly before: DriveItem; readonly item: DriveItem }
  | {
      readonly kind: 'moved';
      readonly item: DriveItem;
      readonly from: { readonly parent: ItemId; readonly name: string };
      readonly to: ItemId;
    }
  | { readonly kind: 'removed'; readonly parent: ItemId; readonly item: DriveItem };
