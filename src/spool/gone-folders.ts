import { LRUCache } from 'lru-cache';
import type { Ino, Place } from './spool.js';

/** How many folders are remembered; beyond that, a folder that has to be made again is found at the top. */
const MOST_FOLDERS = 10_000;

/**
 * Where folders were that somebody else removed. The news of a folder may come long before the news of what was in it,
 * and only that may tell that the folder is still needed.
 */
export class GoneFolders {
  readonly #places = new LRUCache<Ino, Place>({ max: MOST_FOLDERS });

  add(ino: Ino, lastPlace: Place): void {
    this.#places.set(ino, lastPlace);
  }

  placeOf(ino: Ino): Place | undefined {
    return this.#places.get(ino);
  }
}
