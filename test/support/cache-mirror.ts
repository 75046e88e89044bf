import type { RemoteChange } from '../../src/cache/index.js';
import type { DriveItem, ItemId } from '../../src/drive/index.js';

/** Follows what the tree tells. */
export class Mirror {
  readonly items = new Map<ItemId, { parent: ItemId; item: DriveItem }>();

  apply(change: RemoteChange): void {
    if (change.kind === 'removed') this.items.delete(change.item.id);
    else if (change.kind === 'changed') {
      const known = this.items.get(change.item.id);
      if (known !== undefined) known.item = change.item;
    } else {
      const parent = change.kind === 'added' ? change.parent : change.to;
      this.items.set(change.item.id, { parent, item: change.item });
    }
  }
}
