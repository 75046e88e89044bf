import type { Replaced } from '../../spool/index.js';
import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import type { Inode } from '../inode.js';
import { checkName, checkPath } from '../names.js';
import { itemOf, type NamedView } from '../node-view.js';
import type { ReplyOf, RequestContext, RequestOf } from '../request.js';
import { folderChanged, withName } from './free-name.js';
import { keepForOpeners } from './open.js';
import { checkEmpty, listedIn } from './rmdir.js';
import { loseName } from './unlink.js';

interface Ends {
  readonly folder: Inode;
  readonly newFolder: Inode;
  readonly request: RequestOf<'rename'>;
  /** What was in the folder that is to be replaced. */
  readonly listed: readonly NamedView[];
}

/**
 * Atomic for everybody here: nothing happens between the last check and the change. RENAME_EXCHANGE can't be kept on
 * the server in one step, so it is refused (semantics: Consistency).
 */
export async function rename(
  fs: FileSystem,
  request: RequestOf<'rename'>,
  context: RequestContext,
): Promise<ReplyOf<'rename'>> {
  fs.refuseIfReadOnly();
  if (request.flags.exchange || request.flags.unknown) return new FsError('EINVAL');
  const ends = {
    folder: fs.inodes.folder(request.parent),
    newFolder: fs.inodes.folder(request.newParent),
    request,
  };
  const target = await withName(fs, ends.newFolder, request.newName, context, (view) => view);
  const listed = target?.kind === 'folder' ? await listedIn(fs, target, context) : [];
  return withName(fs, ends.folder, request.name, context, (source) => {
    const current = fs.namespace.find(ends.newFolder, request.newName, fs.knownOnly);
    if (!(current instanceof Promise)) return move(fs, { ...ends, listed }, source, current);
    current.catch(() => undefined);
    throw new FsError('EAGAIN', 'the folder changed while it was looked at');
  });
}

function move(fs: FileSystem, ends: Ends, source: NamedView | null, target: NamedView | null): undefined {
  if (source === null) throw new FsError('ENOENT');
  const { folder, newFolder, request } = ends;
  if (target !== null && request.flags.noReplace) throw new FsError('EEXIST');
  if (target?.ino === source.ino) return undefined;
  checkTarget(fs, ends, source, target);
  folderChanged(fs, folder);
  folderChanged(fs, newFolder);
  const replaced = target === null ? null : replacedBy(target);
  if (target !== null) giveUp(fs, target);
  const item = itemOf(source);
  fs.spool.rename(source.ino, item, source.kind, { parent: newFolder.ino, name: request.newName }, replaced);
  // The moved node may have taken over the item that it replaced.
  const inode = fs.inodes.byIno(source.ino);
  if (inode !== undefined) inode.item = fs.spool.owed(source.ino)?.item ?? inode.item;
  fs.spool.setAttributes(source.ino, { changed: fs.now() });
  return undefined;
}

function giveUp(fs: FileSystem, target: NamedView): void {
  const inode = fs.inodes.byIno(target.ino);
  if (inode !== undefined) keepForOpeners(fs, inode);
  loseName(fs, target);
}

function checkTarget(fs: FileSystem, ends: Ends, source: NamedView, target: NamedView | null): void {
  const { folder, newFolder, request, listed } = ends;
  checkName(request.newName);
  checkPath(fs.namespace.pathOf(newFolder, request.newName), fs.drive);
  if (source.kind === 'folder' && fs.namespace.isWithin(newFolder, source.ino)) throw new FsError('EINVAL');
  if (target === null) {
    checkVariant(fs, ends, source);
    return;
  }
  if (target.kind === 'folder' && fs.namespace.isWithin(folder, target.ino)) throw new FsError('ENOTEMPTY');
  if (source.kind !== 'folder' && target.kind === 'folder') throw new FsError('EISDIR');
  if (source.kind === 'folder' && target.kind !== 'folder') throw new FsError('ENOTDIR');
  if (target.kind === 'folder') checkEmpty(fs, target, listed);
}

/** A rename that changes only the case of the node's own name is fine; of another's is not. */
function checkVariant(fs: FileSystem, { newFolder, request }: Ends, source: NamedView): void {
  if (!fs.drive.capabilities.caseInsensitive) return;
  const variant = fs.namespace.caseVariant(newFolder, request.newName);
  if (variant !== undefined && variant.ino !== source.ino) {
    throw new FsError('EEXIST', 'the server takes no two names that differ only in case');
  }
}

function replacedBy(target: NamedView): Replaced {
  const item = itemOf(target);
  return { ino: target.ino, item, kind: target.kind, version: target.item?.version ?? null };
}
