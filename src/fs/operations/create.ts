import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import type { Inode } from '../inode.js';
import type { NamedView } from '../node-view.js';
import { OpenFile } from '../open-file.js';
import type { ReplyOf, RequestContext, RequestOf } from '../request.js';
import { withName } from './free-name.js';
import { placeNew } from './make-node.js';
import { open, openReply } from './open.js';

/**
 * open(2) with O_CREAT of a name that the kernel believes to be free. Another process may have been faster: then it is
 * an open of what is there, unless O_EXCL asked for a new file.
 */
export async function create(
  fs: FileSystem,
  request: RequestOf<'create'>,
  context: RequestContext,
): Promise<ReplyOf<'create'>> {
  fs.refuseIfReadOnly();
  const { parent, name, mode, flags, caller } = request;
  const folder = fs.inodes.folder(parent);
  const { view, isNew } = await withName(fs, folder, name, context, (found) => {
    if (found !== null && flags.exclusive) throw new FsError('EEXIST');
    if (found !== null) return { view: found, isNew: false };
    return {
      view: placeNew(fs, folder, { parent, name, kind: 'file', mode: mode & 0o7777, caller }),
      isNew: true,
    };
  });
  return isNew ? openNew(fs, folder, view, request) : openExisting(fs, folder, view, request, context);
}

async function openNew(
  fs: FileSystem,
  folder: Inode,
  view: NamedView,
  { flags }: RequestOf<'create'>,
): Promise<ReplyOf<'create'>> {
  const entry = fs.entry(view, folder);
  try {
    const file = await openEmpty(fs, fs.inodes.get(entry.node));
    // Even a file that nobody writes to is a file: it is owed from its first close on.
    file.dirty = true;
    return { entry, open: openReply(fs, file, flags) };
  } catch (error) {
    fs.forget(entry.node, 1);
    fs.spool.remove(view.ino, null, 'file');
    throw error;
  }
}

async function openEmpty(fs: FileSystem, inode: Inode): Promise<OpenFile> {
  const seed = () => Promise.resolve(0);
  const update = await fs.spool.beginUpdate(inode.ino, { item: null, base: 'absent', truncate: true, seed });
  if (inode.open === null) {
    inode.open = new OpenFile(inode, { kind: 'update', update }, fs.kernel);
    return inode.open;
  }
  // Somebody opened it by name while we waited; that open file is the one that everybody shares.
  update.close();
  await fs.updates.begin(inode.open, false, fs.stopping);
  return inode.open;
}

async function openExisting(
  fs: FileSystem,
  folder: Inode,
  view: NamedView,
  { flags, caller }: RequestOf<'create'>,
  context: RequestContext,
): Promise<ReplyOf<'create'>> {
  const entry = fs.entry(view, folder);
  try {
    const reply = await open(fs, { operation: 'open', node: entry.node, flags, caller }, context);
    if (!(reply instanceof FsError)) return { entry, open: reply };
    throw reply;
  } catch (error) {
    fs.forget(entry.node, 1);
    throw error;
  }
}
