/**
 * A snapshot shows another folder where one is known: removed and made again, or another one put into its place. What
 * the snapshot showed at that path before the folder itself is in the one that it shows there now, and was told of as in
 * the other one. Both may be large: nothing goes through all of it in one piece.
 */
import type { DriveItem, ItemId } from '../drive/index.js';
import type { Answer } from './recent-truth.js';
import type { EntryKey, TreeEntry } from './tree-entry.js';
import type { TreeNews } from './tree-news.js';
import { isBelow, isPlaced } from './tree-paths.js';
import { DISPLACED_BUCKET } from './tree-schema.js';
import { FIRST_CHILD } from './tree-store.js';
import type { TreeParts } from './tree-writer.js';

const CHILDREN_AT_ONCE = 50;

/** Whose row a new folder took over, and the newest child that was in it by then. */
interface Succession {
  readonly before: DriveItem;
  readonly lastKey: EntryKey;
}

export class InheritedChildren {
  readonly #parts: TreeParts;
  readonly #answer: Answer;
  readonly #news: TreeNews;
  /** By the key of the row. */
  readonly #toTell = new Map<EntryKey, Succession>();

  constructor(parts: TreeParts, answer: Answer, news: TreeNews) {
    this.#parts = parts;
    this.#answer = answer;
    this.#news = news;
  }

  /** Of what is known where the snapshot shows `item`: a folder. */
  otherThan(item: DriveItem, there: TreeEntry | undefined): TreeEntry | undefined {
    if (this.#answer.kind !== 'snapshot' || item.kind !== 'folder') return undefined;
    return there?.item.kind === 'folder' ? there : undefined;
  }

  /** Its children may come before the folder itself: not into one that is to be swept away, or that is below `other`. */
  mayComeAhead(other: TreeEntry, heir: TreeEntry | undefined): boolean {
    return isPlaced(heir) && !isBelow(this.#parts.store, heir.parent, other);
  }

  /**
   * A folder that nobody knew takes over the row of `other`, and with it all that is in it: what of that the snapshot does
   * not show is looked for at its end, as everywhere. Returns `other` as it is from now on, displaced and never listed.
   */
  succeed(other: TreeEntry, item: DriveItem): TreeEntry {
    const { store } = this.#parts;
    const before = other.item;
    this.#toTell.set(other.key, { before, lastKey: store.lastKey });
    store.takeOver(other, item);
    store.setListed(other, null);
    return store.insert(DISPLACED_BUCKET, before, 0);
  }

  /** A folder that was known elsewhere has children of its own: those of `other` come to them, as far as they were shown. */
  *bring(other: EntryKey, id: ItemId): Iterable<void> {
    const { store, filesToList } = this.#parts;
    for (let position = FIRST_CHILD; ; ) {
      const heir = store.byId(id);
      if (!isPlaced(heir)) return;
      const { children, next } = store.seenChildren(other, position, CHILDREN_AT_ONCE);
      for (const child of children) this.#bringOne(child, other, heir.key);
      if (next === null) return filesToList.joined(other, heir.key);
      position = next;
      yield;
    }
  }

  #bringOne(child: TreeEntry, other: EntryKey, heir: EntryKey): void {
    this.#parts.store.move(child, heir);
    if (!child.isStandIn) this.#news.moved({ parent: other, item: child.item }, heir, child.item);
  }

  /** Tells of all that changed its folder with a row, in short pieces. */
  *telling(): Iterable<void> {
    const { store } = this.#parts;
    for (const [folder, { before, lastKey }] of this.#toTell) {
      for (let position = FIRST_CHILD; ; ) {
        const children = store.children(folder, position, CHILDREN_AT_ONCE);
        for (const { key, item, isStandIn } of children)
          if (key <= lastKey && !isStandIn)
            this.#news.moved({ parent: DISPLACED_BUCKET, folder: before.id, item }, folder, item);
        const last = children.at(-1);
        if (last === undefined || children.length < CHILDREN_AT_ONCE) break;
        position = store.positionOf(last);
        yield;
      }
      this.#toTell.delete(folder);
    }
  }
}
