/** That a folder was moved, as far as both of its places are in the tree. */
import type { FolderMoves } from './folder-moves.js';
import type { EntryKey, TreeEntry } from './tree-entry.js';
import { pathIn } from './tree-paths.js';
import type { TreeStore } from './tree-store.js';

export interface NameIn {
  readonly parent: EntryKey;
  readonly name: string;
}

/** To be called while the tree has it where it was: in the folder `before`, under its name. */
export function noteMove(
  { store, folderMoves }: { readonly store: TreeStore; readonly folderMoves: FolderMoves },
  { key, item: { id, name } }: TreeEntry,
  before: EntryKey,
  now: NameIn,
): void {
  const from = pathIn(store, before, name);
  const to = pathIn(store, now.parent, now.name);
  if (from !== undefined && to !== undefined) folderMoves.heard({ folder: key, id, from, to });
}
