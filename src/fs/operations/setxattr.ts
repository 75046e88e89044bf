import { KEPT_ATTRIBUTES, PIN_ATTRIBUTE, VIRTUAL_PREFIX } from '../extended-attributes.js';
import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import type { ReplyOf, RequestOf } from '../request.js';

/** What all attributes of one item may take together, names included: they are for small things (ext4: one block). */
const MOST_BYTES = 16 * 1024;

export function setxattr(fs: FileSystem, request: RequestOf<'setxattr'>): ReplyOf<'setxattr'> {
  fs.refuseIfReadOnly();
  const { node, name, value } = request;
  const inode = fs.inodes.get(node);
  if (name === PIN_ATTRIBUTE) return pin(fs, request);
  if (name.startsWith(VIRTUAL_PREFIX)) return new FsError('EPERM');
  if (!name.startsWith(KEPT_ATTRIBUTES.prefix)) return new FsError(KEPT_ATTRIBUTES.othersAre);
  const xattrs = new Map(fs.spool.attributes(inode.ino)?.xattrs ?? []);
  if (request.create && xattrs.has(name)) return new FsError('EEXIST');
  if (request.replace && !xattrs.has(name)) return new FsError('ENODATA');
  xattrs.set(name, Uint8Array.from(value));
  let bytes = 0;
  for (const [key, content] of xattrs) bytes += Buffer.byteLength(key) + content.byteLength;
  if (bytes > MOST_BYTES) return new FsError('ENOSPC');
  fs.spool.setAttributes(inode.ino, { xattrs, changed: fs.now() });
  return undefined;
}

function pin(fs: FileSystem, { node, value }: RequestOf<'setxattr'>): ReplyOf<'setxattr'> {
  const text = Buffer.from(value).toString();
  if (text !== '0' && text !== '1') return new FsError('EINVAL');
  fs.pinning.set(fs.inodes.get(node), text === '1');
  return undefined;
}
