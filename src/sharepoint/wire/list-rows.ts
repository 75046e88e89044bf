/**
 * Rows of RenderListDataAsStream and of the change rowset as placed items (protocol notes 3.4). Values are strings, in
 * the site's locale unless a field's name ends with a dot; lookup values carry `ID;#` before them.
 */
import type { DriveItem, DrivePath, ItemId, UnversionedItem, Version } from '../../drive/index.js';
import { parseDavDate } from './dav-date.js';
import { itemIdIn, versionOf } from './etag.js';
import { encodePath, type Locations } from './locations.js';

/** Field name to value, without the `ows_` that rowsets put before names. */
export type ListRow = Readonly<Record<string, unknown>>;

/** The fields that are asked for, in both kinds of answer. */
export const ROW_FIELDS = [
  'ID',
  'FileRef',
  'FileDirRef',
  'FileLeafRef',
  'FSObjType',
  'UniqueId',
  'Modified',
  'Created',
  'File_x0020_Size',
  'SMTotalFileStreamSize',
  'owshiddenversion',
  'DocConcurrencyNumber',
] as const;

/**
 * Where the row's item is. Null for the library itself and for what is the server's own in it. `'unreadable'`: a row without
 * a place, or of something elsewhere than in the library that was asked for; left out, it would be missed by nobody.
 */
export function rowPath(row: ListRow, locations: Locations): DrivePath | null | 'unreadable' {
  const reference = value(row, 'FileRef') || joined(value(row, 'FileDirRef'), leaf(row));
  if (reference === '') return 'unreadable';
  const serverPath = reference.startsWith('/') ? reference : `/${reference}`;
  const path = locations.drivePath(serverPath);
  if (path === null)
    return locations.isServersOwn(encodePath(serverPath), locations.baseUrl) ? null : 'unreadable';
  return path === '/' ? null : path;
}

/**
 * The item itself. Null where the row does not tell all that a listing tells of an item but its version: its identity, its
 * kind, and to the second and to the byte its times and its size, whatever the site's language.
 */
export function rowItem(row: ListRow, path: DrivePath): UnversionedItem['item'] | null {
  const id = itemIdIn(value(row, 'UniqueId'));
  const kind = kindOf(row);
  const bytes = kind === 'folder' ? 0 : size(row);
  const modifiedMs = time(row, 'Modified');
  if (id === null || kind === null || bytes === null || modifiedMs === null) return null;
  return {
    id,
    name: path.slice(path.lastIndexOf('/') + 1),
    kind,
    size: bytes,
    modifiedMs,
    createdMs: time(row, 'Created') ?? modifiedMs,
  };
}

/** The number and the identity that a row has: enough to ask for it. */
export function rowKeys(row: ListRow): { readonly number: number | null; readonly id: ItemId | null } {
  const number = value(row, 'ID');
  return { number: /^\d+$/.test(number) ? Number(number) : null, id: itemIdIn(value(row, 'UniqueId')) };
}

function joined(folder: string, name: string): string {
  return folder === '' || name === '' ? '' : `${folder.replace(/\/+$/, '')}/${name}`;
}

/** A name may itself begin as lookups do: only the row's own number is taken off. */
function leaf(row: ListRow): string {
  const name = row.FileLeafRef;
  const lookup = `${value(row, 'ID')};#`;
  if (typeof name !== 'string') return '';
  return name.startsWith(lookup) ? name.slice(lookup.length) : name;
}

function kindOf(row: ListRow): DriveItem['kind'] | null {
  const kind = value(row, 'FSObjType');
  if (kind === '1') return 'folder';
  return kind === '0' ? 'file' : null;
}

/** The version that WebDAV tells: from the ETag itself, or the counter that is by its name the one in it; else null. */
export function rowVersion(row: ListRow, id: ItemId): Version | null {
  const etag = value(row, '.etag');
  if (/,\d/.test(etag)) return versionOf(etag);
  return counted(id, value(row, 'DocConcurrencyNumber'));
}

/** The same from the list's own counter, which may be another one than the file's; null where there is none. */
export function listedVersion(row: ListRow, id: ItemId): Version | null {
  return counted(id, value(row, 'owshiddenversion'));
}

function counted(id: ItemId, counter: string): Version | null {
  return /^\d+$/.test(counter) ? versionOf(`"{${id}},${counter}"`) : null;
}

function size(row: ListRow): number | null {
  for (const name of ['SMTotalFileStreamSize', 'File_x0020_Size', 'FileSizeDisplay']) {
    const text = value(row, name);
    if (/^\d+$/.test(text)) return Number(text);
  }
  return null;
}

/** The locale-proof field first; the plain one only where it is written as nobody but machines writes it. */
function time(row: ListRow, name: string): number | null {
  return parseDavDate(value(row, `${name}.`)) ?? parseDavDate(value(row, name));
}

/** The text of a field, without the lookup's `ID;#`. */
function value(row: ListRow, name: string): string {
  const raw = row[name];
  const text = typeof raw === 'number' ? String(raw) : raw;
  return typeof text === 'string' ? text.replace(/^\d+;#/, '') : '';
}
