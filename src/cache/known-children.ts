/**
 * The children of one folder as far as they are known, a few at a time: each is read when its turn comes, so that no
 * folder is too large to begin with. What changes in the folder meanwhile is told by its name, for whoever reads to look
 * at once more; nothing that was there all the time is missed.
 */
import type { DriveItem } from '../drive/index.js';
import type { ChildrenReader } from './remote-tree.js';
import type { EntryKey } from './tree-entry.js';
import { type ChildPosition, FIRST_CHILD, type TreeStore } from './tree-store.js';

/** When more names changed than this, the folder is read from the start once more as well. */
const MOST_CHANGED_NAMES = 10_000;

export class KnownChildren implements ChildrenReader {
  readonly #store: TreeStore;
  readonly #folder: EntryKey;
  readonly #unwatch: () => void;
  readonly #changed = new Set<string>();
  #isOverflown = false;
  #hasChanged = false;
  /** Null: at the end. What comes behind it from now on is told by its name. */
  #position: ChildPosition | null = FIRST_CHILD;

  constructor(store: TreeStore, folder: EntryKey) {
    this.#store = store;
    this.#folder = folder;
    this.#unwatch = store.watch(folder, (name) => this.#nameChanged(name));
  }

  get hasChanged(): boolean {
    return this.#hasChanged;
  }

  next(most: number): readonly DriveItem[] {
    while (this.#position !== null) {
      const { items, next } = this.#store.childItems(this.#folder, this.#position, most);
      this.#position = next;
      if (items.length > 0) return items;
    }
    return [];
  }

  changed(most: number): readonly (readonly [string, DriveItem | null])[] {
    const names = [...this.#changed].slice(0, most);
    for (const name of names) this.#changed.delete(name);
    if (this.#isOverflown) this.#startAgain();
    return names.map((name) => [name, this.#store.named(this.#folder, name)?.item ?? null]);
  }

  close(): void {
    this.#unwatch();
    this.#changed.clear();
  }

  #startAgain(): void {
    this.#isOverflown = false;
    this.#position = FIRST_CHILD;
  }

  #nameChanged(name: string): void {
    this.#hasChanged = true;
    if (this.#changed.size < MOST_CHANGED_NAMES) this.#changed.add(name);
    else this.#isOverflown = true;
  }
}
