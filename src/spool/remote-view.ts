/** What the spool is told of the remote by those who remember it. The composer passes the cache's tree as it is. */
import type { DriveItem, DrivePath, ItemId, Lane } from '../drive/index.js';
import type { SpoolEvent } from './spool.js';

/** The part of the remembered tree that ordering needs; `RemoteTree` has this shape. */
export interface RemoteView {
  readonly root: ItemId;
  peek(item: ItemId): DriveItem | undefined;
  parentOf(item: ItemId): ItemId | undefined;
  /** Where the server has it, as far as we know. */
  pathOf(item: ItemId): DrivePath | undefined;
  /** Asks the server; null: it is gone. Changes are told to whoever follows the tree before this resolves. */
  refresh(
    item: ItemId,
    asking: { readonly signal: AbortSignal; readonly lane: Lane; readonly maxAgeMs: number },
  ): DriveItem | null | Promise<DriveItem | null>;
}

export interface RemotePlaces {
  readonly tree: RemoteView;
  /** The server has it: called before the node is settled; may take the payload file over by rename. */
  stored(event: Extract<SpoolEvent, { kind: 'stored' }>): Promise<void> | void;
  removed(event: Extract<SpoolEvent, { kind: 'removed' }>): Promise<void> | void;
}
