import assert from 'node:assert/strict';
import type { RemoteChange } from '../../src/cache/index.js';
import type { DriveItem, ItemId } from '../../src/drive/index.js';
import { type MemoryServer, parentOf } from './memory-server.js';

/** Follows what the tree tells. */
export class Mirror {
  readonly items = new Map<ItemId, { parent: ItemId; item: DriveItem }>();

  apply(change: RemoteChange): void {
    if (change.kind === 'removed') this.items.delete(change.item.id);
    else if (change.kind === 'changed') {
      const known = this.items.get(change.item.id);
      if (known !== undefined) known.item = change.item;
    } else if (change.kind !== 'found') {
      const parent = change.kind === 'added' ? change.parent : change.to;
      this.items.set(change.item.id, { parent, item: change.item });
    }
  }

  /** What was told may be less than all (nobody is told of what is in folders that nobody saw), but never wrong. */
  check(server: MemoryServer): void {
    const present = new Map(server.all().map((node) => [server.item(node).id, node]));
    for (const [id, { parent, item }] of this.items) {
      const node = present.get(id);
      assert.ok(node !== undefined, `${item.name} (${id}) is gone, and nobody was told`);
      assert.deepEqual(item, server.item(node));
      assert.equal(parent, server.item(server.find(parentOf(node.path))!).id);
    }
  }
}
