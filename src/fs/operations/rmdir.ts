import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import type { Located } from '../namespace.js';
import type { NamedView } from '../node-view.js';
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
  const listed = await fs.namespace.list(located(found), fs.asking(context));
  return withName(fs, folder, name, context, (view) => {
    if (view?.ino !== found.ino) throw new FsError('ENOENT');
    checkEmpty(fs, view, listed);
    folderChanged(fs, folder);
    loseName(fs, view);
    fs.spool.remove(view.ino, view.item?.id ?? view.owed?.item ?? null, 'folder');
    return undefined;
  });
}

/**
 * Throws ENOTEMPTY unless the folder is empty now: what was `listed` a moment ago and is gone since does not count, what
 * came since does. Waits for nothing.
 */
export function checkEmpty(fs: FileSystem, view: NamedView, listed: readonly NamedView[]): void {
  const folder = located(view);
  const isThere = (child: NamedView) => fs.namespace.confirm(folder, child) !== undefined;
  if (fs.namespace.hasPlaced(folder) || listed.some(isThere)) throw new FsError('ENOTEMPTY');
}

export function located(view: NamedView): Located {
  return { ino: view.ino, item: view.item?.id ?? view.owed?.item ?? null };
}
