/**
 * Items that were seen in a folder which was not seen itself yet (a log may tell of what is in a moved folder before
 * the folder), with what was told of them last. They are not gone: once the folder is known, what became of them is.
 * What is below such an item is told of with it, should it turn out to be gone.
 */
import type { DriveItem, ItemId } from '../drive/index.js';
import type { EntryKey } from './tree-entry.js';

/** More than these are told of as removed, and as added later. */
const MOST_ITEMS = 200_000;

/** What was told of an item last. */
export interface LastSeen {
  readonly parent: EntryKey;
  /** The parent's, which may leave the store before it is known what became of the item. */
  readonly folder?: ItemId | undefined;
  readonly item: DriveItem;
}

/** By their ids: an entry that left the store may come back under another key. */
export class UnplacedItems {
  readonly #items = new Map<ItemId, LastSeen & { readonly standIn: EntryKey }>();
  readonly #byStandIn = new Map<EntryKey, Set<ItemId>>();

  /** False: there are too many. */
  add(standIn: EntryKey, last: LastSeen): boolean {
    if (this.#items.size >= MOST_ITEMS) return false;
    const { id } = last.item;
    this.delete(id);
    this.#items.set(id, { ...last, standIn });
    const siblings = this.#byStandIn.get(standIn);
    if (siblings === undefined) this.#byStandIn.set(standIn, new Set([id]));
    else siblings.add(id);
    return true;
  }

  get(id: ItemId): LastSeen | undefined {
    return this.#items.get(id);
  }

  delete(id: ItemId): void {
    const item = this.#items.get(id);
    if (item === undefined) return;
    this.#items.delete(id);
    const siblings = this.#byStandIn.get(item.standIn);
    if (siblings?.delete(id) && siblings.size === 0) this.#byStandIn.delete(item.standIn);
  }

  /** The stand-in is one no longer: what was seen in it, to be told of and deleted one by one. */
  placed(standIn: EntryKey): Iterable<ItemId> | undefined {
    const ids = this.#byStandIn.get(standIn);
    this.#byStandIn.delete(standIn);
    return ids;
  }

  /** All that nobody saw the folder of. */
  takeAll(): LastSeen[] {
    const all = [...this.#items.values()];
    this.#items.clear();
    this.#byStandIn.clear();
    return all;
  }
}
