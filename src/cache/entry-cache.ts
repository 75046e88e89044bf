/** The entries that were used lately, by key and by id; bounded, least recently used first. */
import { LRUCache } from 'lru-cache';
import type { ItemId } from '../drive/index.js';
import type { EntryKey, TreeEntry } from './tree-entry.js';

export class EntryCache {
  readonly #byKey: LRUCache<EntryKey, TreeEntry>;
  readonly #keys = new Map<ItemId, EntryKey>();
  readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#byKey = new LRUCache({
      max: capacity,
      dispose: (entry) => {
        if (this.#keys.get(entry.item.id) === entry.key) this.#keys.delete(entry.item.id);
      },
      noDisposeOnSet: true,
    });
  }

  byKey(key: EntryKey): TreeEntry | undefined {
    return this.#byKey.get(key);
  }

  byId(id: ItemId): TreeEntry | undefined {
    const key = this.#keys.get(id);
    return key === undefined ? undefined : this.#byKey.get(key);
  }

  add(entry: TreeEntry): void {
    this.#byKey.set(entry.key, entry);
    if (!entry.isStandIn) this.#keys.set(entry.item.id, entry.key);
  }

  remove(key: EntryKey): void {
    this.#byKey.delete(key);
  }
}
