/** A multistatus entry as a `DriveItem`, whatever the dialect calls a folder (protocol notes 2.2). */
import type { DriveItem, DrivePath, ItemId, Version } from '../../drive/index.js';
import { parseDavDate } from './dav-date.js';
import { fullerVersion, itemIdIn, versionOf } from './etag.js';
import type { DavEntry } from './multistatus.js';
import { child, textOf, type XmlNode } from './xml.js';

/** Who an item is, from its path and what the server tells about it. */
export type Identify = (
  path: DrivePath,
  hints: { readonly etag: string; readonly replUid: string },
) => ItemId;

/** The id is in the ETag or in repl-uid; the path serves where a server gives neither. */
export const identifyByGuid: Identify = (path, { etag, replUid }) =>
  itemIdIn(etag) ?? itemIdIn(replUid) ?? `path:${path}`;

export const identifyByPath: Identify = (path) => `path:${path}`;

export interface DavReading {
  readonly identify: Identify;
  /** An ETag never stands for two contents; else size and time are part of a version. */
  readonly trustsEtags: boolean;
}

/** As the server writes it; empty where it tells none. */
export function etagOf({ properties }: DavEntry): string {
  return textOf(properties, 'getetag') ?? '';
}

export function davItem(path: DrivePath, entry: DavEntry, { identify, trustsEtags }: DavReading): DriveItem {
  const { href, properties } = entry;
  const isFolder = isCollection(properties, href);
  const etag = etagOf(entry);
  const modifiedMs = parseDavDate(textOf(properties, 'getlastmodified') ?? '') ?? 0;
  const size = isFolder ? 0 : length(textOf(properties, 'getcontentlength'));
  return {
    id: identify(path, { etag, replUid: textOf(properties, 'repl-uid') ?? '' }),
    name: path.slice(path.lastIndexOf('/') + 1),
    kind: isFolder ? 'folder' : 'file',
    size,
    modifiedMs,
    createdMs: parseDavDate(textOf(properties, 'creationdate') ?? '') ?? modifiedMs,
    version: isFolder || trustsEtags ? version(etag, modifiedMs) : fullerVersion(etag, { size, modifiedMs }),
  };
}

/** Where a server has no ETag for it (folders, mostly), the time has to do. */
function version(etag: string, modifiedMs: number): Version {
  return etag === '' ? `modified:${modifiedMs}` : versionOf(etag);
}

function isCollection(properties: XmlNode, href: string): boolean {
  if (child(child(properties, 'resourcetype'), 'collection') !== undefined) return true;
  const said = textOf(properties, 'iscollection') ?? textOf(properties, 'isFolder');
  if (said !== undefined && said !== '') return /^(1|t|true)$/i.test(said);
  // nothing else said: a file has a length and no slash
  return child(properties, 'resourcetype') === undefined && href.endsWith('/');
}

function length(text: string | undefined): number {
  const bytes = Number(text ?? 0);
  return Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : 0;
}
