/** SP.File and SP.Folder as REST describes them, in any metadata mode (protocol notes 3.2). */
import type { DriveItem, DrivePath } from '../../drive/index.js';
import { parseDavDate } from './dav-date.js';
import { itemIdIn, versionOf } from './etag.js';

/** Null when the description lacks what a `DriveItem` needs. */
export function fileFromRest(json: unknown, path: DrivePath): DriveItem | null {
  if (typeof json !== 'object' || json === null) return null;
  const file = json as Record<string, unknown>;
  const etag = typeof file.ETag === 'string' ? file.ETag : '';
  const id = itemIdIn(typeof file.UniqueId === 'string' ? file.UniqueId : etag);
  const modifiedMs = parseDavDate(String(file.TimeLastModified ?? ''));
  const size = Number(file.Length);
  if (id === null || etag === '' || modifiedMs === null || !Number.isSafeInteger(size)) return null;
  return {
    id,
    name: path.slice(path.lastIndexOf('/') + 1),
    kind: 'file',
    size,
    modifiedMs,
    createdMs: parseDavDate(String(file.TimeCreated ?? '')) ?? modifiedMs,
    version: versionOf(etag),
  };
}

/** The same of either kind, as a folder's collections tell of its children. */
export function childFromRest(json: unknown, path: DrivePath, kind: DriveItem['kind']): DriveItem | null {
  return kind === 'file' ? fileFromRest(json, path) : folderFromRest(json, path);
}

function folderFromRest(json: unknown, path: DrivePath): DriveItem | null {
  if (typeof json !== 'object' || json === null) return null;
  const folder = json as Record<string, unknown>;
  const id = itemIdIn(typeof folder.UniqueId === 'string' ? folder.UniqueId : '');
  const modifiedMs = parseDavDate(String(folder.TimeLastModified ?? ''));
  if (id === null || modifiedMs === null) return null;
  return {
    id,
    name: path.slice(path.lastIndexOf('/') + 1),
    kind: 'folder',
    size: 0,
    modifiedMs,
    createdMs: parseDavDate(String(folder.TimeCreated ?? '')) ?? modifiedMs,
    // REST tells no ETag of a folder: the time has to do
    version: `modified:${modifiedMs}`,
  };
}
