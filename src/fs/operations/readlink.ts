import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import type { ReplyOf, RequestOf } from '../request.js';

export function readlink(fs: FileSystem, { node }: RequestOf<'readlink'>): ReplyOf<'readlink'> {
  const inode = fs.inodes.get(node);
  const target = fs.namespace.view(inode).local?.symlinkTarget;
  return target ?? new FsError('EINVAL', 'not a symbolic link');
}
