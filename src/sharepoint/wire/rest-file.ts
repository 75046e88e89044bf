/** SP.File and SP.Folder as REST describes them, in any metadata mode (protocol notes 3.2). */
import type { DriveItem, DrivePath } from '../../drive/index.js';
import { parseDavDate } from './dav-date.js';
import { itemIdIn, versionOf } from './etag.js';

type Fields = Readonly<Record<string, unknown>>;

/** Null when the description lacks what a `DriveItem` needs. */
export function fileFromRest(json: unknown, path: DrivePath): DriveItem | null {
  const file = fieldsOf(json);
  const etag = typeof file.ETag === 'string' ? file.ETag : '';
  const common = commonOf(file, path, etag);
  const size = Number(file.Length);
  if (common === null || etag === '' || !Number.isSafeInteger(size)) return null;
  return { ...common, kind: 'file', size, version: versionOf(etag) };
}

/** The same of either kind, as a folder's collections tell of its children. */
export function childFromRest(json: unknown, path: DrivePath, kind: DriveItem['kind']): DriveItem | null {
  return kind === 'file' ? fileFromRest(json, path) : folderFromRest(json, path);
}

function folderFromRest(json: unknown, path: DrivePath): DriveItem | null {
  const common = commonOf(fieldsOf(json), path, '');
  // REST tells no ETag of a folder: the time has to do
  return common && { ...common, kind: 'folder', size: 0, version: `modified:${common.modifiedMs}` };
}

function fieldsOf(json: unknown): Fields {
  return typeof json === 'object' && json !== null ? (json as Fields) : {};
}

/** What files and folders are told of alike; null when something is missing. */
function commonOf(fields: Fields, path: DrivePath, etag: string) {
  const id = itemIdIn(typeof fields.UniqueId === 'string' ? fields.UniqueId : etag);
  const modifiedMs = parseDavDate(String(fields.TimeLastModified ?? ''));
  if (id === null || modifiedMs === null) return null;
  const createdMs = parseDavDate(String(fields.TimeCreated ?? '')) ?? modifiedMs;
  return { id, name: path.slice(path.lastIndexOf('/') + 1), modifiedMs, createdMs };
}
