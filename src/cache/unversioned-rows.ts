/**
 * What a snapshot shows of items without saying which versions they have: where they are. What was known of a file stays
 * until its folder is listed, which is due for each folder then, when somebody goes into it; a file that nobody here knows
 * is left to that. Time and size are not enough to call a file unchanged: another change may have come in the same second.
 */
import type { DrivePath, ItemId, PlacedItem, UnversionedItem } from '../drive/index.js';
import type { PathFrame } from './page-frame.js';
import type { PathWriter } from './path-writer.js';
import type { TreeEntry } from './tree-entry.js';
import { isPlaced, splitPath } from './tree-paths.js';
import { DISPLACED_BUCKET } from './tree-schema.js';
import type { Placing, TreeParts } from './tree-writer.js';

/** A folder that is known by such a row alone: nothing depends on which version of it that was. */
const NO_VERSION = '';

export class UnversionedRows {
  readonly #parts: TreeParts;
  readonly #byPath: PathWriter;
  readonly #isAgain: boolean;

  /** `isAgain`: which folders are to be listed is known, and how many files they have. */
  constructor(parts: TreeParts, byPath: PathWriter, isAgain: boolean) {
    this.#parts = parts;
    this.#byPath = byPath;
    this.#isAgain = isAgain;
  }

  /** It is somewhere: each folder is to be listed, and until then it stays where it is known to be. */
  leaveOut(id: ItemId | null): void {
    const { store, state } = this.#parts;
    if (!this.#isAgain) state.leavesOut();
    const entry = id === null ? undefined : store.byId(id);
    if (isPlaced(entry)) store.mark(entry);
  }

  ahead(shown: UnversionedItem, frame: PathFrame): Iterable<void> {
    const placed = this.#asKnown(shown, frame);
    return placed === null ? [] : this.#byPath.ahead(placed, frame);
  }

  /** Null: what is known stays as it is. */
  place(shown: UnversionedItem, frame: PathFrame): Placing | null {
    const { store, state, filesToList } = this.#parts;
    const { id, kind } = shown.item;
    if (kind === 'file' && !this.#isAgain) {
      state.leavesOut();
      filesToList.told(this.#byPath.folderOf(shown.path, frame));
    }
    const placed = this.#asKnown(shown, frame);
    const entry = store.byId(id);
    if (placed !== null) return this.#byPath.place(placed, frame);
    if (isPlaced(entry)) store.mark(entry);
    return null;
  }

  /** Null: what is known stays as it is. */
  #asKnown({ path, item }: UnversionedItem, frame: PathFrame): PlacedItem | null {
    const { store } = this.#parts;
    const entry = store.byId(item.id);
    if (entry !== undefined && this.#isEcho(entry, path, frame)) return null;
    const isKnown = entry !== undefined && (entry.parent === DISPLACED_BUCKET || isPlaced(entry));
    if (item.kind === 'folder') {
      const version = isKnown ? entry.item.version : NO_VERSION;
      return { path, item: { ...item, version } };
    }
    return isKnown ? { path, item: { ...entry.item, name: splitPath(path).name } } : null;
  }

  /** It shows where the item was before we moved it. */
  #isEcho({ item, parent }: TreeEntry, path: DrivePath, frame: PathFrame): boolean {
    const { name } = splitPath(path);
    const folder = this.#byPath.folderOf(path, frame);
    const isThere = parent === folder && item.name === name;
    return !isThere && this.#parts.recent.wasAt(item.id, folder, name);
  }
}
