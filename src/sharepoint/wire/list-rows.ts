/**
 * Rows of RenderListDataAsStream and of the change rowset as placed items (protocol notes 3.4). Values are strings, in
 * the site's locale unless a field's name ends with a dot; lookup values carry `ID;#` before them.
 */
import type { DriveItem, DrivePath, PlacedItem, Version } from '../../drive/index.js';
import { parseDavDate } from './dav-date.js';
import { itemIdIn, versionOf } from './etag.js';
import type { Locations } from './locations.js';

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

/** Null for a row outside of the drive. Throws nothing: a row without an identity is `'unreadable'`. */
export function placedRow(row: ListRow, locations: Locations): PlacedItem | null | 'unreadable' {
  const id = itemIdIn(value(row, 'UniqueId'));
  const reference = value(row, 'FileRef');
  if (id === null || reference === '') return 'unreadable';
  const path = locations.drivePath(reference.startsWith('/') ? reference : `/${reference}`);
  return path === null || path === '/' ? null : { path, item: item(row, id, path) };
}

function item(row: ListRow, id: string, path: DrivePath): DriveItem {
  const kind = value(row, 'FSObjType') === '1' ? 'folder' : 'file';
  const modifiedMs = date(row, 'Modified');
  return {
    id,
    name: path.slice(path.lastIndexOf('/') + 1),
    kind,
    size: kind === 'folder' ? 0 : size(row),
    modifiedMs,
    createdMs: date(row, 'Created') || modifiedMs,
    version: version(row, id),
  };
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

function size(row: ListRow): number {
  for (const name of ['SMTotalFileStreamSize', 'File_x0020_Size', 'FileSizeDisplay']) {
    const text = value(row, name);
    if (/^\d+$/.test(text)) return Number(text);
  }
  return 0;
}

/** The locale-proof field first; the plain one only where it is unmistakable. */
function date(row: ListRow, name: string): number {
  const exact = parseDavDate(value(row, `${name}.`));
  return exact ?? parseDavDate(value(row, name)) ?? monthFirst(value(row, name)) ?? 0;
}

/** `11/22/2026 1:20 AM`, as an English site writes it with DatesInUtc. */
function monthFirst(text: string): number | null {
  const parts = /^(\d{1,2})\/(\d{1,2})\/(\d{4})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(AM|PM)?$/i.exec(text);
  if (parts === null) return null;
  const [month, day, year, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0));
  const isAfternoon = parts[7]?.toUpperCase() === 'PM';
  const hours = parts[7] === undefined ? hour! : (hour! % 12) + (isAfternoon ? 12 : 0);
  return Date.UTC(year!, month! - 1, day!, hours, minute, second);
}

/** The text of a field, without the lookup's `ID;#`. */
function value(row: ListRow, name: string): string {
  const raw = row[name];
  const text = typeof raw === 'number' ? String(raw) : raw;
  return typeof text === 'string' ? text.replace(/^\d+;#/, '') : '';
}
