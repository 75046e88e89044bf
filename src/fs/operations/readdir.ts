import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import { OpenDirectory } from '../open-directory.js';
import type { ReplyOf, RequestContext, RequestOf } from '../request.js';

export function opendir(fs: FileSystem, { node }: RequestOf<'opendir'>): ReplyOf<'opendir'> {
  const inode = fs.inodes.get(node);
  if (inode.kind !== 'folder') return new FsError('ENOTDIR');
  const handle = fs.nextHandle();
  fs.directories.set(handle, new OpenDirectory(fs, inode));
  return { handle, keepCache: false };
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
  fs.directories.get(handle)?.close();
  fs.directories.delete(handle);
  return undefined;
}
