import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import { OpenDirectory } from '../open-directory.js';
import type { ReplyOf, RequestContext, RequestOf } from '../request.js';

export function opendir(fs: FileSystem, { node }: RequestOf<'opendir'>): ReplyOf<'opendir'> {
  const inode = fs.inodes.get(node);
  if (inode.kind !== 'folder') return new FsError('ENOTDIR');
  const handle = fs.nextHandle();
  const directory = new OpenDirectory(fs, inode);
  fs.directories.set(handle, directory);
  // Where changes are not pushed the kernel would not hear of them.
  const mayCache = fs.lifetimes.isPushed && inode.unlinked === null;
  // Kept for less time than attributes: a listing read anew brings them all along, one by one they would be dear.
  const isRight = fs.kernelListings.opened(inode, directory, fs.lifetimes.entriesMs / 2);
  return { handle, mayCache, keepCache: mayCache && isRight };
}

export function readdir(
  fs: FileSystem,
  { handle, offset }: RequestOf<'readdir'>,
  context: RequestContext,
): ReplyOf<'readdir'> | Promise<ReplyOf<'readdir'>> {
  const directory = fs.directories.get(handle);
  return directory === undefined ? new FsError('EBADF') : directory.take(offset, context);
}

export function releasedir(fs: FileSystem, { handle }: RequestOf<'releasedir'>): undefined {
  const directory = fs.directories.get(handle);
  if (directory === undefined) return undefined;
  directory.close();
  fs.kernelListings.closed(directory.inode, directory);
  fs.directories.delete(handle);
  return undefined;
}
