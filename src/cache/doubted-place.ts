/**
 * Where the change log put an item that newer truth spoke against, so that it was in doubt which of both was right. Another
 * item that has its place by now proves the log right.
 */
import type { ItemId } from '../drive/index.js';
import type { NameIn } from './note-move.js';
import type { EntryKey, TreeEntry } from './tree-entry.js';
import { isBelow, isPlaced } from './tree-paths.js';
import type { TreeStore } from './tree-store.js';

interface Doubted {
  readonly store: TreeStore;
  readonly doubted: ReadonlyMap<ItemId, NameIn>;
}

/** Undefined when it was in no doubt, or can't be there any more. */
export function doubtedPlace({ store, doubted }: Doubted, entry: TreeEntry): NameIn | undefined {
  const said = doubted.get(entry.item.id);
  if (said === undefined || !isPlaced(store.byKey(said.parent))) return undefined;
  const isTaken = store.named(said.parent, said.name) !== undefined;
  return isTaken || isBelow(store, said.parent, entry) ? undefined : said;
}

/** The folder that the log put there: what it tells to be in it is in it, wherever it is. */
export function doubtedFolder(
  { store, doubted }: Doubted,
  parent: EntryKey,
  name: string,
): EntryKey | undefined {
  for (const [id, place] of doubted) {
    if (place.parent !== parent || place.name !== name) continue;
    const entry = store.byId(id);
    if (isPlaced(entry) && entry.item.kind === 'folder') return entry.key;
  }
  return undefined;
}

/** The log said that something below the folder has left it, and it is not known yet to where: it would go with the folder. */
export function holdsDoubted({ store, doubted }: Doubted, folder: TreeEntry): boolean {
  if (doubted.size === 0 || folder.item.kind !== 'folder') return false;
  return [...doubted.keys()].some((id) => {
    const entry = store.byId(id);
    return isPlaced(entry) && isBelow(store, entry.parent, folder);
  });
}
