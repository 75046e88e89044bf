/**
 * What was seen in a folder before the folder itself: it comes out of the stand-in into the folder, some children at a
 * time, and is told of as what that makes of it, once the answer that showed the folder is complete.
 */
import type { ItemId } from '../drive/index.js';
import type { EntryKey, TreeEntry } from './tree-entry.js';
import type { TreeNews } from './tree-news.js';
import { isPlaced } from './tree-paths.js';
import { FIRST_CHILD } from './tree-store.js';
import type { TreeParts } from './tree-writer.js';

/** So many children come out of a stand-in in one piece. */
const CHILDREN_AT_ONCE = 50;

export class RevealedItems {
  readonly #parts: TreeParts;
  readonly #news: TreeNews;
  /** Of each folder that came, what somebody was told of elsewhere. */
  readonly #toTell = new Map<Iterable<ItemId>, EntryKey>();

  constructor(parts: TreeParts, news: TreeNews) {
    this.#parts = parts;
    this.#news = news;
  }

  /** Into the folder with that id, as long as it is in the tree; each piece is short. */
  *bring(standIn: TreeEntry, id: ItemId): Iterable<void> {
    const { store } = this.#parts;
    for (let folder = store.byId(id); isPlaced(folder); folder = store.byId(id)) {
      if (folder.key === standIn.key || !this.#bringSome(standIn, folder)) return;
      yield;
    }
  }

  /** All that is left at once; the stand-in is no more. */
  merge(standIn: TreeEntry, folder: TreeEntry): void {
    const { store, filesToList } = this.#parts;
    while (this.#bringSome(standIn, folder));
    filesToList.joined(standIn.key, folder.key);
    store.delete(standIn);
    this.#came(standIn.key, folder.key);
  }

  /** The stand-in itself has become the folder. */
  became(folder: TreeEntry): void {
    this.#came(folder.key, folder.key);
  }

  /** Tells of all of it, in short pieces: until it is told, an item may have been seen elsewhere. */
  *telling(): Iterable<void> {
    const { store, unplaced } = this.#parts;
    for (const [ids, folder] of this.#toTell) {
      for (const id of ids) {
        const last = unplaced.get(id);
        const entry = store.byId(id);
        if (last === undefined || (isPlaced(entry) && entry.parent !== folder)) continue;
        unplaced.delete(id);
        if (entry?.parent === folder) this.#news.seen(last, folder, entry.item);
        yield;
      }
      this.#toTell.delete(ids);
    }
  }

  #came(standIn: EntryKey, folder: EntryKey): void {
    const ids = this.#parts.unplaced.placed(standIn);
    if (ids !== undefined) this.#toTell.set(ids, folder);
  }

  /** False: these were the last. */
  #bringSome(standIn: TreeEntry, folder: TreeEntry): boolean {
    const { store, unplaced } = this.#parts;
    const children = store.children(standIn.key, FIRST_CHILD, CHILDREN_AT_ONCE);
    for (const child of children) {
      store.move(child, folder.key);
      const last = child.isStandIn ? undefined : unplaced.get(child.item.id);
      if (last === undefined) continue;
      unplaced.delete(child.item.id);
      this.#news.seen(last, folder.key, child.item);
    }
    return children.length === CHILDREN_AT_ONCE;
  }
}
