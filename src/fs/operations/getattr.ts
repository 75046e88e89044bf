import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import type { Inode } from '../inode.js';
import type { ReplyOf, RequestContext, RequestOf } from '../request.js';

type AttributesAnswer = ReplyOf<'getattr'>;

/**
 * What is known is told at once while it is fresh; what is older than the attribute lifetime is confirmed with the
 * server first. Our own differences need nobody's confirmation.
 */
export function getattr(
  fs: FileSystem,
  { node, caller }: Pick<RequestOf<'getattr'>, 'node' | 'caller'>,
  context: RequestContext,
): AttributesAnswer | Promise<AttributesAnswer> {
  const inode = fs.inodes.get(node);
  if (inode.unlinked !== null || inode.item === null || isBeingWritten(fs, inode))
    return fs.attributesReply(inode);
  const asking = fs.sameCall.stats(caller, node) ? fs.knownOnly : fs.glancing(context);
  const fresh = fs.tree.refresh(inode.item, asking);
  if (!(fresh instanceof Promise)) return confirmed(fs, inode, fresh !== null);
  return fresh.then((item) => confirmed(fs, inode, item !== null));
}

/** statx(2) differs in the birth time alone, which our attributes always carry. */
export const statx = getattr;

function confirmed(fs: FileSystem, inode: Inode, isThere: boolean): AttributesAnswer {
  if (!isThere && fs.spool.owed(inode.ino) === undefined)
    return new FsError('ESTALE', 'removed on the server');
  return fs.attributesReply(inode);
}

function isBeingWritten(fs: FileSystem, inode: Inode): boolean {
  return fs.spool.owed(inode.ino)?.content != null;
}
