/**
 * A move was begun, nobody heard what became of it, and the server gives no ids by which the item would be known at its new
 * place: what is there, while nothing is where it was, is taken for it.
 */
import type { DriveItem, DrivePath } from '../drive/index.js';
import { type Operation, optionsOf, type SendContext } from './send-context.js';
import type { Place } from './spool.js';
import { isFolder, type SpoolEntry, samePlace } from './spool-entry.js';

/** Null where nothing says that it arrived, or the item itself would tell. */
export async function foundMoved(
  { drive }: SendContext,
  operation: Operation,
  entry: SpoolEntry,
  {
    path,
    to,
    place,
  }: { readonly path: DrivePath | undefined; readonly to: DrivePath; readonly place: Place },
): Promise<DriveItem | null> {
  const { touched } = entry;
  if (drive.capabilities.stableIds || touched === null || path === undefined) return null;
  if (!samePlace(touched.to, place)) return null;
  const kind = isFolder(entry) ? 'folder' : 'file';
  return drive.foundMoved(path, to, { ...optionsOf(operation), kind, version: touched.before });
}
