import { TYPE_MASK } from '../attributes.js';
import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import type { ReplyOf, RequestContext, RequestOf } from '../request.js';
import { makeNode } from './make-node.js';

const REGULAR_FILE = 0o100000;

/** Regular files only: the server has no place for devices, FIFOs and sockets. */
export async function mknod(
  fs: FileSystem,
  { parent, name, mode, caller }: RequestOf<'mknod'>,
  context: RequestContext,
): Promise<ReplyOf<'mknod'>> {
  if ((mode & TYPE_MASK) !== REGULAR_FILE && (mode & TYPE_MASK) !== 0) return new FsError('EPERM');
  const folder = fs.inodes.get(parent);
  const made = await makeNode(fs, { parent, name, kind: 'file', mode: mode & 0o7777, caller }, context);
  fs.spool.commit(made.ino, 0);
  return fs.entry(made, folder);
}
