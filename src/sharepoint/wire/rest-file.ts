/** SP.File as REST describes it, in any metadata mode (protocol notes 3.2). */
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
