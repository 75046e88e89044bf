import { VIRTUAL_PREFIX } from '../extended-attributes.js';
import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import type { ReplyOf, RequestOf } from '../request.js';

export function removexattr(
  fs: FileSystem,
  { node, name }: RequestOf<'removexattr'>,
): ReplyOf<'removexattr'> {
  fs.refuseIfReadOnly();
  const inode = fs.inodes.get(node);
  if (name.startsWith(VIRTUAL_PREFIX)) return new FsError('EPERM');
  const xattrs = new Map(fs.spool.attributes(inode.ino)?.xattrs ?? []);
  if (!xattrs.delete(name)) return new FsError('ENODATA');
  fs.spool.setAttributes(inode.ino, { xattrs, changed: fs.now() });
  return undefined;
}
