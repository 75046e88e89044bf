/** The contents that somebody uses, or whose files are not let go yet: one object for each item and version. */
import type { ItemId, Version } from '../drive/index.js';
import type { ContentEntry } from './content-entry.js';

export class LiveEntries {
  readonly #byKey = new Map<string, ContentEntry>();
  readonly #bySlot = new Map<number, ContentEntry>();

  find(item: ItemId, version: Version): ContentEntry | undefined {
    return this.#byKey.get(keyOf(item, version));
  }

  hasSlot(slot: number): boolean {
    return this.#bySlot.has(slot);
  }

  all(): Iterable<ContentEntry> {
    return this.#bySlot.values();
  }

  of(item: ItemId): ContentEntry[] {
    return [...this.#bySlot.values()].filter((entry) => entry.item === item);
  }

  add(entry: ContentEntry): void {
    this.#byKey.set(keyOf(entry.item, entry.version), entry);
    this.#bySlot.set(entry.file.slot, entry);
  }

  remove(entry: ContentEntry): void {
    const key = keyOf(entry.item, entry.version);
    if (this.#byKey.get(key) === entry) this.#byKey.delete(key);
    this.#bySlot.delete(entry.file.slot);
  }
}

function keyOf(item: ItemId, version: Version): string {
  return `${item}\n${version}`;
}
