/**
 * Whether the pages of a snapshot went below the top. No source confirms that a server heeds `RecursiveAll` (protocol notes
 * 3.4): from one that does not every folder would look empty, so some of them are to be looked into.
 */
import type { DrivePath } from '../../drive/index.js';
import type { ItemPage } from './list-pages.js';

const MOST_LOOKED_INTO = 8;

export class SeenDepth {
  /** Of pages before a restart nobody knows. */
  #isDeep = true;
  #folders: DrivePath[] = [];

  /** One page more of the snapshot. */
  add({ items, unversioned, isBelowTop }: ItemPage, isFirst: boolean): void {
    if (isFirst) [this.#isDeep, this.#folders] = [false, []];
    this.#isDeep ||= isBelowTop;
    for (const { path, item } of [...items, ...unversioned])
      if (item.kind === 'folder' && this.#folders.length < MOST_LOOKED_INTO) this.#folders.push(path);
  }

  /** Folders in which nothing was seen, where nothing was seen in any. */
  get doubtful(): readonly DrivePath[] {
    return this.#isDeep ? [] : this.#folders;
  }
}
