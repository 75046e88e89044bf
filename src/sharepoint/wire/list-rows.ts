/**
 * Rows of RenderListDataAsStream and of the change rowset as placed items (protocol notes 3.4). Values are strings, in
 * the site's locale unless a field's name ends with a dot; lookup values carry `ID;#` before them.
 */
import type { DriveItem, DrivePath, PlacedItem, Version } from '../../drive/index.js';
import { parseDavDate } from './dav-date.js';
import { itemIdIn, versionOf } from './etag.js';
import { encodePath, type Locations } from './locations.js';

/** Field name to value, without the `ows_` that rowsets put before names. */
export type ListRow = Readonly<Record<string, unknown>>;

/** The fields that are asked for, in both kinds of answer. */
export const ROW_FIELDS = [
  'ID',
  'FileRef',
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
 * Null for the library itself and for what is the server's own in it. `'unreadable'`: a row without an identity, or of
 * something elsewhere than in the library that was asked for; left out, it would be missed by nobody.
 */
export function placedRow(row: ListRow, locations: Locations): PlacedItem | null | 'unreadable' {
  const id = itemIdIn(value(row, 'UniqueId'));
  const reference = value(row, 'FileRef');
  if (id === null || reference === '') return 'unreadable';
  const serverPath = reference.startsWith('/') ? reference : `/${reference}`;
  const path = locations.drivePath(serverPath);
  if (path === null)
    return locations.isServersOwn(encodePath(serverPath), locations.baseUrl) ? null : 'unreadable';
  return path === '/' ? null : { path, item: item(row, id, path) };
}

function item(row: ListRow, id: string, path: DrivePath): DriveItem {
  const kind = value(row, 'FSObjType') === '1' ? 'folder' : 'file';
  const modifiedMs = time(row, 'Modified') ?? 0;
  return {
    id,
    name: path.slice(path.lastIndexOf('/') + 1),
    kind,
    size: kind === 'folder' ? 0 : (size(row) ?? 0),
    modifiedMs,
    createdMs: time(row, 'Created') ?? modifiedMs,
    version: version(row, id),
  };
}

/** What a listing tells of an item, to the second and to the byte, whatever the site's language. */
export function tellsAll(row: ListRow): boolean {
  const kind = value(row, 'FSObjType');
  const isKnown = kind === '1' || (kind === '0' && size(row) !== null);
  return isKnown && time(row, 'Modified') !== null;
}

/** The row has the file's ETag itself, and not only a counter that should be the one in it. */
export function tellsEtag(row: ListRow): boolean {
  return /,\d/.test(value(row, '.etag'));
}

/** The counter in it is by its name the one that the ETag has. */
export function tellsEtagCounter(row: ListRow): boolean {
  return value(row, 'DocConcurrencyNumber') !== '';
}

/** With the counter that the ETag has, so that versions from here and from WebDAV are the same. */
function version(row: ListRow, id: string): Version {
  if (tellsEtag(row)) return versionOf(value(row, '.etag'));
  const counter = value(row, 'DocConcurrencyNumber') || value(row, 'owshiddenversion') || '0';
  return versionOf(`"{${id}},${counter}"`);
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
