/**
 * What an answer of the server makes news of, by what was told of an item last. Nothing is shown of what lies in a
 * stand-in, so that to come out of one, or to get into one, is to come or to go.
 */
import type { DriveItem, ItemId } from '../drive/index.js';
import { type EntryKey, isSameItem } from './tree-entry.js';
import { isWhole } from './tree-state.js';
import type { TreeParts } from './tree-writer.js';
import type { LastSeen } from './unplaced-items.js';

export class TreeNews {
  readonly #parts: TreeParts;

  constructor(parts: TreeParts) {
    this.#parts = parts;
  }

  /** It is in the folder `parent` now, and known to be. */
  seen(last: LastSeen, parent: EntryKey, item: DriveItem): void {
    const { item: before } = last;
    const isElsewhere = last.parent !== parent || before.name !== item.name;
    if (isElsewhere && !this.moved(last, parent, item)) return;
    if (!isSameItem(before, item)) this.#parts.changes.add({ kind: 'changed', before, item });
  }

  /** False: nobody is shown it any more, or it is told of as new. */
  moved(last: LastSeen, toKey: EntryKey, item: DriveItem): boolean {
    const { changes } = this.#parts;
    const { item: before } = last;
    const from = this.folderOf(last);
    const to = this.idOf(toKey);
    if (from !== undefined && to !== undefined) {
      if (from !== to || before.name !== item.name)
        changes.add({ kind: 'moved', item, from: { parent: from, name: before.name }, to });
      return true;
    }
    if (from !== undefined) changes.add({ kind: 'removed', parent: from, item: before });
    else this.added(toKey, item);
    return false;
  }

  added(parent: EntryKey, item: DriveItem): void {
    const { store, state, negatives, changes } = this.#parts;
    const folder = store.byKey(parent);
    if (folder === undefined || folder.isStandIn) return;
    const isNews = isWhole(folder, state) || negatives.has(parent, item.name);
    if (isNews) changes.add({ kind: 'added', parent: folder.item.id, item });
    else if (item.kind === 'folder') changes.add({ kind: 'found', item });
  }

  folderOf({ parent, folder }: LastSeen): ItemId | undefined {
    return this.idOf(parent) ?? folder;
  }

  /** Undefined for a stand-in. */
  idOf(key: EntryKey): ItemId | undefined {
    const id = this.#parts.store.byKey(key)?.item.id;
    return id === '' ? undefined : id;
  }
}
