/**
 * Items that were seen in a folder which was not seen itself yet (a log may tell of what is in a moved folder before
 * the folder), with what was told of them last. They are not gone: once the folder is known, what became of them is.
 */
import type { DriveItem } from '../drive/index.js';
import type { EntryKey } from './tree-entry.js';

/** More than these are told of as removed, and as added later. */
const MOST_ITEMS = 200_000;

/** What was told of an item last. */
export interface LastSeen {
  readonly parent: EntryKey;
  readonly item: DriveItem;
}

export class UnplacedItems {
  readonly #items = new Map<EntryKey, LastSeen & { readonly standIn: EntryKey }>();
  readonly #byStandIn = new Map<EntryKey, Set<EntryKey>>();

  /** False: there are too many. */
  add(key: EntryKey, standIn: EntryKey, last: LastSeen): boolean {
    if (this.#items.size >= MOST_ITEMS) return false;
    this.#items.set(key, { ...last, standIn });
    const siblings = this.#byStandIn.get(standIn);
    if (siblings === undefined) this.#byStandIn.set(standIn, new Set([key]));
    else siblings.add(key);
    return true;
  }

  get(key: EntryKey): LastSeen | undefined {
    return this.#items.get(key);
  }

  delete(key: EntryKey): void {
    const item = this.#items.get(key);
    if (item === undefined) return;
    this.#items.delete(key);
    const siblings = this.#byStandIn.get(item.standIn)!;
    siblings.delete(key);
    if (siblings.size === 0) this.#byStandIn.delete(item.standIn);
  }

  /** What was seen in the stand-in; nobody waits for it any more. */
  take(standIn: EntryKey): [EntryKey, LastSeen][] {
    const keys = [...(this.#byStandIn.get(standIn) ?? [])];
    const taken = keys.map((key): [EntryKey, LastSeen] => [key, this.#items.get(key)!]);
    for (const key of keys) this.delete(key);
    return taken;
  }

  /** All that nobody saw the folder of. */
  takeAll(): LastSeen[] {
    const all = [...this.#items.values()];
    this.#items.clear();
    this.#byStandIn.clear();
    return all;
  }
}
