/**
 * How many files a snapshot told of in a folder whose listing is to tell of them for good, because the snapshot does not
 * know their versions. A listing may leave one out (protocol notes 5.2.7), and nobody would tell of it again: one that has
 * fewer is read once more, and the folder once more by whoever comes next.
 */
import type { EntryKey } from './tree-entry.js';

/** Of more folders it is not kept how many files they have. */
const MOST_FOLDERS = 200_000;
/** Files may have gone since: a folder that shows fewer as often as this has them no more. */
const MOST_SHORT_LISTINGS = 3;

interface Told {
  files: number;
  shortListings: number;
}

export class FilesToList {
  readonly #told = new Map<EntryKey, Told>();

  /** A file of `folder` was told of. */
  told(folder: EntryKey): void {
    const told = this.#told.get(folder);
    if (told !== undefined) told.files += 1;
    else if (this.#told.size < MOST_FOLDERS) this.#told.set(folder, { files: 1, shortListings: 0 });
  }

  in(folder: EntryKey): number {
    return this.#told.get(folder)?.files ?? 0;
  }

  /** The folder was listed with so many files. False: there may be more, and it is to be listed again. */
  listed(folder: EntryKey, files: number): boolean {
    const told = this.#told.get(folder);
    if (told === undefined) return true;
    told.shortListings += 1;
    if (files < told.files && told.shortListings < MOST_SHORT_LISTINGS) return false;
    this.#told.delete(folder);
    return true;
  }

  /** Another snapshot begins. */
  clear(): void {
    this.#told.clear();
  }
}
