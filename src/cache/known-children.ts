/** All children of a folder as far as they are known: at once when they are few, in slices when they are many. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DriveItem } from '../drive/index.js';
import type { EntryKey, TreeEntry } from './tree-entry.js';
import { FIRST_CHILD, type TreeStore } from './tree-store.js';

const CHILDREN_PER_SLICE = 1_000;
/** A folder that changes all the time is read without a pause in the end. */
const MOST_ATTEMPTS = 3;

export class KnownChildren {
  readonly #store: TreeStore;

  constructor(store: TreeStore) {
    this.#store = store;
  }

  of(folder: EntryKey): readonly DriveItem[] | Promise<readonly DriveItem[]> {
    const first = this.#store.children(folder, FIRST_CHILD, CHILDREN_PER_SLICE);
    return first.length < CHILDREN_PER_SLICE ? itemsOf(first) : this.#inSlices(folder, first);
  }

  async #inSlices(folder: EntryKey, first: readonly TreeEntry[]): Promise<readonly DriveItem[]> {
    const watch = this.#store.watch(folder);
    try {
      for (let attempt = 1, slice = first; ; attempt += 1) {
        const items = await this.#readOn(folder, slice, attempt <= MOST_ATTEMPTS);
        if (attempt > MOST_ATTEMPTS || !watch.isChanged()) return items;
        slice = this.#store.children(folder, FIRST_CHILD, CHILDREN_PER_SLICE);
      }
    } finally {
      watch.end();
    }
  }

  async #readOn(folder: EntryKey, first: readonly TreeEntry[], pauses: boolean): Promise<DriveItem[]> {
    const items = itemsOf(first);
    for (let slice = first; slice.length === CHILDREN_PER_SLICE; ) {
      if (pauses) await nextTurn();
      slice = this.#store.children(folder, this.#store.positionOf(slice.at(-1)!), CHILDREN_PER_SLICE);
      for (const item of itemsOf(slice)) items.push(item);
    }
    return items;
  }
}

function itemsOf(entries: readonly TreeEntry[]): DriveItem[] {
  return entries.filter((entry) => !entry.isStandIn).map((entry) => entry.item);
}
