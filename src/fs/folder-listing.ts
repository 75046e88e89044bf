/**
 * What is in one folder, a few entries at a time: what we owe there first, then what the server has, each name once.
 * Names that were there from the first page to the last are shown exactly once, whatever happens to others meanwhile: a
 * node that moves from the spool to the tree is met again under a name that was shown, and one that leaves the tree is
 * told of by it.
 */
import type { ChildrenReader } from '../cache/index.js';
import type { DriveItem, ItemId } from '../drive/index.js';
import type { Ino, NodeKind, OwedNode } from '../spool/index.js';
import type { NamedView } from './node-view.js';
import { ShownNames } from './shown-names.js';

/** Reading and showing so many takes two milliseconds or so. */
const ENTRIES_PER_PAGE = 128;

/** What a listing keeps of an entry; what it is now is asked for when it is needed. */
export interface ListedName {
  readonly name: string;
  readonly ino: Ino;
  readonly kind: NodeKind;
  readonly item: ItemId | null;
}

export interface ListingParts {
  readonly owed: Iterable<OwedNode>;
  /** Null: the server does not have the folder yet. */
  readonly remote: ChildrenReader | null;
  /** What is shown under a name now that the server has that child under. */
  shown(name: string, item: DriveItem | null): NamedView | null;
  placed(node: OwedNode): NamedView;
}

export class FolderListing {
  readonly #parts: ListingParts;
  readonly #owed: Iterator<OwedNode>;
  readonly #names = new ShownNames();
  #isOwedRead = false;

  constructor(parts: ListingParts) {
    this.#parts = parts;
    this.#owed = parts.owed[Symbol.iterator]();
  }

  /** The next entries, which may be none; null at the end, as of now. */
  next(): NamedView[] | null {
    if (!this.#isOwedRead) return this.#nextOwed();
    const { remote } = this.#parts;
    if (remote === null) return null;
    if (remote.hasChanged && !this.#names.tellApart()) return [];
    const views: NamedView[] = [];
    const items = remote.next(ENTRIES_PER_PAGE);
    for (const item of items) this.#addNamed(views, item.name, item);
    if (items.length > 0) return views;
    const changed = remote.changed(ENTRIES_PER_PAGE);
    for (const [name, item] of changed) this.#addNamed(views, name, item);
    return changed.length > 0 ? views : null;
  }

  close(): void {
    this.#parts.remote?.close();
  }

  #nextOwed(): NamedView[] {
    const views: NamedView[] = [];
    while (views.length < ENTRIES_PER_PAGE && !this.#isOwedRead) {
      const next = this.#owed.next();
      if (next.done) this.#isOwedRead = true;
      else this.#add(views, this.#parts.placed(next.value));
    }
    this.#names.tellApart();
    return views;
  }

  #addNamed(views: NamedView[], name: string, item: DriveItem | null): void {
    if (!this.#names.has(name)) this.#add(views, this.#parts.shown(name, item));
  }

  #add(views: NamedView[], view: NamedView | null): void {
    if (view === null || this.#names.has(view.name)) return;
    this.#names.add(view.name);
    views.push(view);
  }
}

export function listedName({ name, ino, kind, item, owed }: NamedView): ListedName {
  return { name, ino, kind, item: item?.id ?? owed?.item ?? null };
}
