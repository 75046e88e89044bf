import { KEPT_ATTRIBUTES, VIRTUAL_PREFIX, virtualAttribute } from '../extended-attributes.js';
import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import type { ReplyOf, RequestOf } from '../request.js';

/** Made once: the kernel asks for one or two that nobody has with every file it writes to, and an Error is dear to make. */
const UNSUPPORTED = new FsError(KEPT_ATTRIBUTES.othersAre);
const ABSENT = new FsError('ENODATA');

export function getxattr(fs: FileSystem, { node, name }: RequestOf<'getxattr'>): ReplyOf<'getxattr'> {
  const inode = fs.inodes.get(node);
  if (!name.startsWith(KEPT_ATTRIBUTES.prefix)) return UNSUPPORTED;
  if (name.startsWith(VIRTUAL_PREFIX)) {
    const value = virtualAttribute(fs, inode, name);
    return value === null ? ABSENT : Buffer.from(value);
  }
  return fs.spool.attributes(inode.ino)?.xattrs.get(name) ?? ABSENT;
}
