/** What the spool is told of the remote by those who remember it. The composer passes the cache's tree as it is. */
import type { DriveItem, DrivePath, ItemId, Lane, Version } from '../drive/index.js';
import type { SpoolEvent } from './spool.js';

export interface FolderReader {
  /** At most `most` more; none at the end. */
  next(most: number): readonly DriveItem[];
  close(): void;
}

/** The part of the remembered tree that ordering needs; `RemoteTree` has this shape. */
export interface RemoteView {
  readonly root: ItemId;
  /** All of it is being read: what is not known yet, or not where it was, will be told. */
  readonly isBeingRead: boolean;
  peek(item: ItemId): DriveItem | undefined;
  parentOf(item: ItemId): ItemId | undefined;
  /** What is known in a folder under exactly this name. */
  named(folder: ItemId, name: string): DriveItem | undefined;
  /**
   * A move of ours is on its way: whoever looks for the item meanwhile is to look again before it is gone. What is returned
   * is called when the answer is in, or will not come; `isRefused`: the server said no.
   */
  expect(item: ItemId, to: DrivePath): (isRefused?: boolean) => void;
  /** What was moved was another one, which had its place. */
  unmoved(item: ItemId): void;
  /** Where the server has it, as far as we know. */
  pathOf(item: ItemId): DrivePath | undefined;
  /** Asks the server; null: it is gone. Changes are told to whoever follows the tree before this resolves. */
  refresh(
    item: ItemId,
    asking: { readonly signal: AbortSignal; readonly lane: Lane; readonly maxAgeMs: number },
  ): DriveItem | null | Promise<DriveItem | null>;
  /** What is in a folder, to be read a few at a time and closed; throws `absent` when nobody knows the folder. */
  children(
    folder: ItemId,
    asking: { readonly signal: AbortSignal; readonly lane: Lane; readonly maxAgeMs: number },
  ): FolderReader | Promise<FolderReader>;
  /** Brings in what changed on the server by now, by one question; false: nobody follows its changes. */
  catchUp(asking: { readonly signal: AbortSignal; readonly lane: Lane }): Promise<boolean>;
}

/** The part of the content cache that tells what a version was; `ContentCache` has this shape. */
export interface KnownContents {
  isComplete(item: ItemId, version: Version): boolean;
  /** To be closed. What is complete is read without a question to the server. */
  open(item: ItemId, version: Version, listedSize: number): KnownContent;
}

interface KnownContent {
  readonly size: number;
  read(offset: number, length: number, signal: AbortSignal): Uint8Array | Promise<Uint8Array>;
  close(): void;
}

export interface RemotePlaces {
  readonly tree: RemoteView;
  readonly content: KnownContents;
  /** The server has it: called before the node is settled; may take the payload file over by rename. */
  stored(event: Extract<SpoolEvent, { kind: 'stored' }>): Promise<void> | void;
  removed(event: Extract<SpoolEvent, { kind: 'removed' }>): Promise<void> | void;
}
