/**
 * Where folders were before we moved them ourselves. The server's log may still speak of what is in them by the old
 * path when it tells of what others did before our move.
 */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../base/index.js';
import type { EntryKey } from './tree-entry.js';

const MOST_FOLDERS = 1_000;
/** The log is read far more often than that. */
const REMEMBERED_MS = 15 * 60_000;

interface Former {
  readonly folder: EntryKey;
  readonly leftAt: number;
}

export class FormerPlaces {
  readonly #clock: Clock;
  readonly #places = new LRUCache<string, Former>({ max: MOST_FOLDERS });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  left(parent: EntryKey, name: string, folder: EntryKey): void {
    this.#places.set(`${parent}/${name}`, { folder, leftAt: this.#clock.monotonic() });
  }

  /** Who had that name until lately, and not only until `sinceMs`. */
  find(parent: EntryKey, name: string, sinceMs: number): EntryKey | undefined {
    const former = this.#places.get(`${parent}/${name}`);
    const earliestMs = Math.max(sinceMs, this.#clock.monotonic() - REMEMBERED_MS);
    return former === undefined || former.leftAt < earliestMs ? undefined : former.folder;
  }
}
