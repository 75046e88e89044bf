import type { FileSystem } from '../file-system.js';
import { listedName } from '../folder-listing.js';
import { FsError } from '../fs-error.js';
import type { Located } from '../namespace.js';
import { itemOf, type NamedView } from '../node-view.js';
import type { ReplyOf, RequestContext, RequestOf } from '../request.js';
import { folderChanged, withName } from './free-name.js';
import { loseName } from './unlink.js';

export async function rmdir(
  fs: FileSystem,
  { parent, name }: RequestOf<'rmdir'>,
  context: RequestContext,
): Promise<ReplyOf<'rmdir'>> {
  fs.refuseIfReadOnly();
  const folder = fs.inodes.folder(parent);
  const found = await withName(fs, folder, name, context, (view) => view);
  if (found === null) return new FsError('ENOENT');
  if (found.kind !== 'folder') return new FsError('ENOTDIR');
  const listed = await listedIn(fs, found, context);
  return withName(fs, folder, name, context, (view) => {
    if (view?.ino !== found.ino) throw new FsError('ENOENT');
    checkEmpty(fs, view, listed);
    folderChanged(fs, folder);
    loseName(fs, view);
    fs.spool.remove(view.ino, itemOf(view), 'folder');
    return undefined;
  });
}

/** More need not be looked at to know that a folder is not empty. */
const ENOUGH = 1_000;

/** What is in a folder that is to go, or so much of it that it cannot be. */
export function listedIn(fs: FileSystem, view: NamedView, context: RequestContext): Promise<NamedView[]> {
  return fs.namespace.list(located(view), fs.asking(context), ENOUGH);
}

/**
 * Throws ENOTEMPTY unless the folder is empty now: what was `listed` a moment ago and is gone since does not count, what
 * came since does. Waits for nothing.
 */
export function checkEmpty(fs: FileSystem, view: NamedView, listed: readonly NamedView[]): void {
  const folder = located(view);
  const isThere = (child: NamedView) => fs.namespace.confirm(folder, listedName(child)) !== undefined;
  if (listed.length >= ENOUGH || fs.namespace.hasPlaced(folder) || listed.some(isThere)) {
    throw new FsError('ENOTEMPTY');
  }
}

export function located(view: NamedView): Located {
  return { ino: view.ino, item: itemOf(view) };
}
