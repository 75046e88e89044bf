import { VIRTUAL_PREFIX, virtualAttribute } from '../extended-attributes.js';
import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import type { ReplyOf, RequestOf } from '../request.js';

export function getxattr(fs: FileSystem, { node, name }: RequestOf<'getxattr'>): ReplyOf<'getxattr'> {
  const inode = fs.inodes.get(node);
  // Not ENODATA: that something like it can't be here is learned once by ls -l, which asks for two of them per file.
  if (!name.startsWith('user.')) return new FsError('EOPNOTSUPP');
  if (name.startsWith(VIRTUAL_PREFIX)) {
    const value = virtualAttribute(fs, inode, name);
    return value === null ? new FsError('ENODATA') : Buffer.from(value);
  }
  return fs.spool.attributes(inode.ino)?.xattrs.get(name) ?? new FsError('ENODATA');
}
