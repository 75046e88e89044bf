import { LRUCache } from 'lru-cache';
import type { ItemId } from '../drive/index.js';

/** Front ends lag behind for seconds: what was removed longer ago is shown by none. */
const MOST_ITEMS = 10_000;

/** What we removed from the server lately: behind a name that is used again, a front end may show it instead of the new. */
export class RemovedItems {
  readonly #items = new LRUCache<ItemId, true>({ max: MOST_ITEMS });

  add(item: ItemId): void {
    this.#items.set(item, true);
  }

  has(item: ItemId): boolean {
    return this.#items.has(item);
  }
}
