import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import { itemOf, type NamedView } from '../node-view.js';
import type { ReplyOf, RequestContext, RequestOf } from '../request.js';
import { folderChanged, withName } from './free-name.js';

export function unlink(
  fs: FileSystem,
  { parent, name }: RequestOf<'unlink'>,
  context: RequestContext,
): Promise<ReplyOf<'unlink'>> {
  fs.refuseIfReadOnly();
  const folder = fs.inodes.folder(parent);
  return withName(fs, folder, name, context, (found) => {
    if (found === null) throw new FsError('ENOENT');
    if (found.kind === 'folder') throw new FsError('EISDIR');
    folderChanged(fs, folder);
    loseName(fs, found);
    fs.spool.remove(found.ino, itemOf(found), found.kind);
    return undefined;
  });
}

/** The node has no name any more; whoever holds it keeps what it was. */
export function loseName(fs: FileSystem, view: NamedView): void {
  const inode = fs.inodes.byIno(view.ino);
  if (inode === undefined) return;
  inode.unlinked = { ...view, owed: undefined };
  // A payload that is read only, or written, stays readable through its descriptor when the spool removes the file.
}
