import type { FileSystem } from '../file-system.js';
import type { ReplyOf, RequestOf } from '../request.js';

export function listxattr(fs: FileSystem, { node }: RequestOf<'listxattr'>): ReplyOf<'listxattr'> {
  const inode = fs.inodes.get(node);
  return [...(fs.spool.attributes(inode.ino)?.xattrs.keys() ?? [])];
}
