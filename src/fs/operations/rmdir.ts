import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import type { Inode } from '../inode.js';
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
  await knowChildren(fs, found, context);
  return withName(fs, folder, name, context, (view) => {
    if (view?.ino !== found.ino) throw new FsError('ENOENT');
    checkEmpty(fs, view);
    folderChanged(fs, folder);
    loseName(fs, view);
    fs.spool.remove(view.ino, view.item?.id ?? view.owed?.item ?? null, 'folder');
    return undefined;
  });
}

/** Asks for the folder's listing unless it is known, so that `checkEmpty` need not wait. */
export async function knowChildren(fs: FileSystem, view: NamedView, context: RequestContext): Promise<void> {
  await fs.namespace.list(folderOf(view), fs.asking(context));
}

/** Throws ENOTEMPTY unless the folder is known to be empty. Waits for nothing. */
export function checkEmpty(fs: FileSystem, view: NamedView): void {
  const children = fs.namespace.list(folderOf(view), fs.knownOnly);
  if (children instanceof Promise) {
    children.catch(() => undefined);
    throw new FsError('EAGAIN', 'the folder changed while it was looked at');
  }
  if (children.length > 0) throw new FsError('ENOTEMPTY');
}

function folderOf(view: NamedView): Pick<Inode, 'ino' | 'item'> {
  return { ino: view.ino, item: view.item?.id ?? view.owed?.item ?? null };
}
