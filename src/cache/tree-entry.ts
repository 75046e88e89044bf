/** One item of the tree, as the store hands it out: shared by all who hold it, changed by the store alone. */
import type { DriveItem } from '../drive/index.js';
import { foldName, packId, packVersion, readId, unpackId, unpackVersion } from './item-key.js';

export type EntryKey = number;

export interface TreeEntry {
  readonly key: EntryKey;
  parent: EntryKey;
  item: DriveItem;
  /**
   * When all children were last seen, wall clock; null: whenever the whole tree was; 0: never; below 0: then, in a listing
   * that another one is to confirm.
   */
  listedAtMs: number | null;
  /** When the server last said that the item is as it is here; not kept over restarts. */
  confirmedAtMs: number;
  /** A folder that is known only because something in it is; it has no id yet and nobody is shown it. */
  readonly isStandIn: boolean;
}

/** What is in the folder is known from no listing, or from one that may have left something out. */
export function isToList({ listedAtMs }: TreeEntry): boolean {
  return listedAtMs !== null && listedAtMs <= 0;
}

/** Columns in the order of `ROW_COLUMNS`; raw arrays are half as dear as objects. */
export type TreeRow = [
  key: number,
  id: string | null,
  parent: number,
  name: string,
  kind: number,
  size: number,
  modified: number,
  created: number,
  version: string,
  listed: number | null,
  /** Only where it was asked for. */
  generation?: number,
];

export const ROW_COLUMNS = `key, ${readId('id')}, parent, name, kind, size, modified, created, version, listed`;

export function isFolder(row: TreeRow): boolean {
  return row[4] === 1;
}

export function entryOf(row: TreeRow): TreeEntry {
  return {
    key: row[0],
    parent: row[2],
    item: itemOf(row),
    listedAtMs: row[9],
    confirmedAtMs: 0,
    isStandIn: row[1] === null,
  };
}

export function itemOf(row: TreeRow): DriveItem {
  const id = row[1] === null ? '' : unpackId(row[1]);
  return {
    id,
    name: row[3],
    kind: isFolder(row) ? 'folder' : 'file',
    size: row[5],
    modifiedMs: row[6],
    createdMs: row[7],
    version: unpackVersion(row[8], id),
  };
}

/** An item's columns: id, fold, name, kind, size, modified, created, version. */
export function itemColumns(item: DriveItem): (Buffer | string | number)[] {
  return [
    packId(item.id),
    foldName(item.name),
    item.name,
    item.kind === 'folder' ? 1 : 0,
    item.size,
    item.modifiedMs,
    item.createdMs,
    packVersion(item.version, item.id),
  ];
}

export function isSameItem(one: DriveItem, other: DriveItem): boolean {
  return (
    one.version === other.version &&
    one.size === other.size &&
    one.modifiedMs === other.modifiedMs &&
    one.createdMs === other.createdMs &&
    one.kind === other.kind
  );
}
