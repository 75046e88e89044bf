import type { DriveItem, ItemId } from '../drive/index.js';
import type { Ino, LocalAttributes, NodeKind, OwedNode } from '../spool/index.js';

/** A node as it is right now: what the server has, what we owe, what was set here. Not kept: ask again after a wait. */
export interface NodeView {
  readonly ino: Ino;
  readonly kind: NodeKind;
  readonly item: DriveItem | null;
  readonly owed: OwedNode | undefined;
  readonly local: LocalAttributes | undefined;
}

/** A node under the name that it has in the folder that was asked. */
export interface NamedView extends NodeView {
  readonly name: string;
}

/** What the server has of a node, whether the cache knows it or not; null: nothing yet. */
export function itemOf({ item, owed }: Pick<NodeView, 'item' | 'owed'>): ItemId | null {
  return item?.id ?? owed?.item ?? null;
}
