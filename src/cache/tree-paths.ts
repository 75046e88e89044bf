/** Where an entry is: its path, from its parents. */
import type { DrivePath } from '../drive/index.js';
import type { EntryKey, TreeEntry } from './tree-entry.js';
import { ROOT_KEY, SILENT_BUCKET } from './tree-schema.js';
import type { TreeStore } from './tree-store.js';

/** Longer chains of parents are damage. */
const DEEPEST = 1000;

/** Undefined when the entry, or something above it, has left the tree. */
export function pathOf(store: TreeStore, entry: TreeEntry): DrivePath | undefined {
  if (entry.key === ROOT_KEY) return '/';
  let path = '';
  let at: TreeEntry | undefined = entry;
  for (let depth = 0; at !== undefined && depth < DEEPEST; depth += 1) {
    if (at.key === ROOT_KEY) return path;
    if (at.parent <= SILENT_BUCKET) return undefined;
    path = `/${at.item.name}${path}`;
    at = store.byKey(at.parent);
  }
  return undefined;
}

/** The path of `name` in the folder with the key `parent`, while that is in the tree. */
export function pathIn(store: TreeStore, parent: EntryKey, name: string): DrivePath | undefined {
  const folder = store.byKey(parent);
  const path = folder && pathOf(store, folder);
  return path === undefined ? undefined : childPath(path, name);
}

/** What is known to be at `path`. */
export function entryAt(store: TreeStore, path: DrivePath): TreeEntry | undefined {
  let at = store.byKey(ROOT_KEY);
  for (const name of path.split('/')) if (name !== '' && at !== undefined) at = store.named(at.key, name);
  return at;
}

export function childPath(folder: DrivePath, name: string): DrivePath {
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}

/** The folder's path and the name in it. */
export function splitPath(path: DrivePath): { readonly folder: DrivePath; readonly name: string } {
  const slash = path.lastIndexOf('/');
  return { folder: slash <= 0 ? '/' : path.slice(0, slash), name: path.slice(slash + 1) };
}

/** In the tree itself; what lies in a bucket is not. */
export function isPlaced(entry: TreeEntry | undefined): entry is TreeEntry {
  return entry !== undefined && (entry.key === ROOT_KEY || entry.parent > SILENT_BUCKET);
}

/** Whether `place` is the folder `entry`, or below it; what is in the same folder as `entry` is not. */
export function isBelow(store: TreeStore, place: EntryKey, entry: TreeEntry): boolean {
  if (entry.item.kind !== 'folder' || entry.parent === place) return false;
  for (let at = place; at > ROOT_KEY; ) {
    if (at === entry.key) return true;
    at = store.byKey(at)?.parent ?? ROOT_KEY;
  }
  return false;
}
