/** How ids, versions and names are kept in a row: compact, because there may be a million of them. */
import type { ItemId, Version } from '../drive/index.js';

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Sixteen bytes for a GUID, else the text as it is. */
export function packId(id: ItemId): Buffer | string {
  return id.length === 36 && GUID.test(id) ? Buffer.from(id.replaceAll('-', ''), 'hex') : id;
}

/**
 * The SQL that reads a packed id for `unpackId`: hexadecimal digits, or the text after `=`. Blobs as such would be
 * read as buffers, which are dearer than the whole rest of a row.
 */
export function readId(column: string): string {
  return `iif(typeof(${column}) = 'blob', hex(${column}), '=' || ${column})`;
}

export function unpackId(read: string): ItemId {
  if (read.startsWith('=')) return read.slice(1);
  const hex = read.toLowerCase();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Stands for the item's id in upper case, which SharePoint repeats in every ETag (protocol notes 2.2). */
const OWN_ID = '\u0001';

export function packVersion(version: Version, id: ItemId): string {
  return version.replace(id.toUpperCase(), OWN_ID);
}

export function unpackVersion(packed: string, id: ItemId): Version {
  const at = packed.indexOf(OWN_ID);
  return at < 0 ? packed : packed.slice(0, at) + id.toUpperCase() + packed.slice(at + OWN_ID.length);
}

/** A signed 32-bit number, equal for names that differ only in case. FNV-1a. */
export function foldName(name: string): number {
  const folded = name.toLowerCase();
  let hash = 0x811c9dc5;
  for (let at = 0; at < folded.length; at += 1) hash = Math.imul(hash ^ folded.charCodeAt(at), 0x01000193);
  return hash | 0;
}
