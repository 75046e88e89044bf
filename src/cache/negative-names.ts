/** Names that the server said are not there, in folders that are not known as a whole. Bounded. */
import { LRUCache } from 'lru-cache';
import type { EntryKey } from './tree-entry.js';

export class NegativeNames {
  readonly #confirmedAtMs: LRUCache<string, number>;

  constructor(most: number) {
    this.#confirmedAtMs = new LRUCache({ max: most });
  }

  add(folder: EntryKey, name: string, nowMs: number): void {
    this.#confirmedAtMs.set(keyOf(folder, name), nowMs);
  }

  has(folder: EntryKey, name: string): boolean {
    return this.#confirmedAtMs.has(keyOf(folder, name));
  }

  /** Wall clock; undefined: it was not asked for lately. */
  confirmedAtMs(folder: EntryKey, name: string): number | undefined {
    return this.#confirmedAtMs.get(keyOf(folder, name));
  }
}

function keyOf(folder: EntryKey, name: string): string {
  return `${folder}/${name}`;
}
