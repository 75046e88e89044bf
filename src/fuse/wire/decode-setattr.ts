/** FUSE_SETATTR: which attributes are to change, and to what. */
import { type AttributeChanges, FsError, type NodeId, type Request, type Timestamp } from '../../fs/index.js';
import { REQUEST_HEADER as BODY, SetattrValid as Valid } from './abi.js';
import type { Message } from './message.js';

type Changes = { -readonly [Key in keyof AttributeChanges]: AttributeChanges[Key] };

export function decodeSetattr(
  message: Message,
  caller: Request['caller'],
  node: NodeId,
): FsError | Extract<Request, { operation: 'setattr' }> {
  const valid = message.u32(BODY);
  const handle = (valid & Valid.FH) === 0 ? null : message.u64(BODY + 8);
  const changes: Changes = { killPrivileges: (valid & Valid.KILL_SUIDGID) !== 0 };
  if ((valid & Valid.SIZE) !== 0) {
    changes.size = message.u64(BODY + 16);
    if (!Number.isSafeInteger(changes.size)) return new FsError('EFBIG');
  }
  if ((valid & Valid.MODE) !== 0) changes.mode = message.u32(BODY + 68);
  if ((valid & Valid.UID) !== 0) changes.uid = message.u32(BODY + 76);
  if ((valid & Valid.GID) !== 0) changes.gid = message.u32(BODY + 80);
  if ((valid & Valid.ATIME_NOW) !== 0) changes.accessed = 'now';
  else if ((valid & Valid.ATIME) !== 0) changes.accessed = timestamp(message, BODY + 32, BODY + 56);
  if ((valid & Valid.MTIME_NOW) !== 0) changes.modified = 'now';
  else if ((valid & Valid.MTIME) !== 0) changes.modified = timestamp(message, BODY + 40, BODY + 60);
  if ((valid & Valid.CTIME) !== 0) changes.changed = timestamp(message, BODY + 48, BODY + 64);
  return { operation: 'setattr', caller, node, handle, changes };
}

function timestamp(message: Message, secondsAt: number, nanosecondsAt: number): Timestamp {
  return { seconds: message.i64(secondsAt), nanoseconds: message.u32(nanosecondsAt) };
}
