/** In which folders somebody who goes through a tree will read next: below this one, then beside it, then beside those above. */
import type { ListedName } from './folder-listing.js';
import type { Located } from './namespace.js';

/** What is known of a tree; asks nobody. */
export interface KnownFolders {
  /** Null for the root, and where nobody knows. */
  parentOf(folder: Located): Located | null;
  /** In the order in which the reader goes through folders; null where that is not known. */
  namesIn(folder: Located): readonly ListedName[] | null;
}

/** Upwards; who goes through a deeper tree is told of no more. */
const MOST_LEVELS = 64;

/**
 * The names of one folder after the other, none for one that is not known. `from`: the position in `folder` that the reader
 * has come to. Each folder is looked at only when it is asked for.
 */
export function* foldersAfter(
  known: KnownFolders,
  folder: Located,
  from: number,
): Generator<readonly ListedName[]> {
  const below = known.namesIn(folder) ?? [];
  for (const child of foldersFrom(below, from)) yield* folderAndBelow(known, child);
  let at = folder;
  for (let level = 0; level < MOST_LEVELS; level += 1) {
    const parent = known.parentOf(at);
    if (parent === null) return;
    const beside = known.namesIn(parent) ?? [];
    const position = beside.findIndex(({ ino }) => ino === at.ino);
    if (position >= 0)
      for (const next of foldersFrom(beside, position + 1)) yield* folderAndBelow(known, next);
    at = parent;
  }
}

function* folderAndBelow(known: KnownFolders, folder: Located): Generator<readonly ListedName[]> {
  const names = known.namesIn(folder) ?? [];
  yield names;
  for (const child of foldersFrom(names, 0)) yield* folderAndBelow(known, child);
}

function* foldersFrom(names: readonly ListedName[], from: number): Generator<ListedName> {
  for (let at = from; at < names.length; at += 1) if (names[at]!.kind === 'folder') yield names[at]!;
}
