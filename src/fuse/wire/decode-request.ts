/**
 * What the kernel asks, as the file system is told it. Pure. An `FsError` instead of a request is the answer: the
 * operation is unknown (ENOSYS, which the kernel remembers), a number is beyond what we count in, or a name is no
 * UTF-8 (EILSEQ, whatever is to be done with it). Throws `MalformedMessage`.
 */
import { type Caller, type FallocateMode, FsError, type NodeId, type Request } from '../../fs/index.js';
import { REQUEST_HEADER as BODY, FSYNC_DATA_ONLY, GETATTR_FH, Opcode, WRITE_KILL_SUIDGID } from './abi.js';
import { decodeSetattr } from './decode-setattr.js';
import type { Message } from './message.js';
import { decodeOpenFlags } from './open-flags.js';

type Decoder = (message: Message, caller: Caller, node: NodeId) => Request | FsError;

const LARGEST_OPCODE = 53;
/** We agreed on a megabyte; a file system may take it for a size to allocate. */
const LARGEST_READ = 1 << 20;

const impossibleName = () => new FsError('EILSEQ', 'names must be UTF-8');

export function decodeRequest(message: Message): Request | FsError {
  const decoder = DECODERS[message.opcode];
  if (decoder === undefined) return new FsError('ENOSYS', `operation ${message.opcode}`);
  return decoder(message, { uid: message.uid, gid: message.gid, pid: message.pid }, message.node);
}

/** By opcode, in an array: it is looked up for each request. */
const DECODERS: readonly (Decoder | undefined)[] = tableOf({
  [Opcode.LOOKUP]: (message, caller, parent) => {
    const name = message.text(BODY);
    return name === null ? impossibleName() : { operation: 'lookup', caller, parent, name };
  },
  [Opcode.GETATTR]: (message, caller, node) => ({
    operation: 'getattr',
    caller,
    node,
    handle: (message.u32(BODY) & GETATTR_FH) === 0 ? null : message.u64(BODY + 8),
  }),
  [Opcode.STATX]: (message, caller, node) => ({
    operation: 'statx',
    caller,
    node,
    handle: (message.u32(BODY) & GETATTR_FH) === 0 ? null : message.u64(BODY + 8),
  }),
  [Opcode.SETATTR]: decodeSetattr,
  [Opcode.READLINK]: (_, caller, node) => ({ operation: 'readlink', caller, node }),
  [Opcode.SYMLINK]: (message, caller, parent) => {
    const name = message.text(BODY);
    const target = message.text(message.after);
    return name === null || target === null
      ? impossibleName()
      : { operation: 'symlink', caller, parent, name, target };
  },
  [Opcode.MKNOD]: (message, caller, parent) => {
    const name = message.text(BODY + 16);
    return name === null
      ? impossibleName()
      : { operation: 'mknod', caller, parent, name, mode: message.u32(BODY) };
  },
  [Opcode.MKDIR]: (message, caller, parent) => {
    const name = message.text(BODY + 8);
    return name === null
      ? impossibleName()
      : { operation: 'mkdir', caller, parent, name, mode: message.u32(BODY) };
  },
  [Opcode.UNLINK]: (message, caller, parent) => {
    const name = message.text(BODY);
    return name === null ? impossibleName() : { operation: 'unlink', caller, parent, name };
  },
  [Opcode.RMDIR]: (message, caller, parent) => {
    const name = message.text(BODY);
    return name === null ? impossibleName() : { operation: 'rmdir', caller, parent, name };
  },
  [Opcode.RENAME]: (message, caller, parent) =>
    decodeRename(message, caller, parent, { flags: 0, namesAt: BODY + 8 }),
  [Opcode.RENAME2]: (message, caller, parent) =>
    decodeRename(message, caller, parent, { flags: message.u32(BODY + 8), namesAt: BODY + 16 }),
  [Opcode.LINK]: (message, caller, newParent) => {
    const newName = message.text(BODY + 8);
    if (newName === null) return impossibleName();
    return { operation: 'link', caller, node: message.u64(BODY), newParent, newName };
  },
  [Opcode.OPEN]: (message, caller, node) => ({
    operation: 'open',
    caller,
    node,
    flags: decodeOpenFlags(message.u32(BODY)),
  }),
  [Opcode.CREATE]: (message, caller, parent) => {
    const name = message.text(BODY + 16);
    if (name === null) return impossibleName();
    const flags = decodeOpenFlags(message.u32(BODY));
    return { operation: 'create', caller, parent, name, mode: message.u32(BODY + 4), flags };
  },
  [Opcode.TMPFILE]: (message, caller, parent) => ({
    operation: 'tmpfile',
    caller,
    parent,
    mode: message.u32(BODY + 4),
    flags: decodeOpenFlags(message.u32(BODY)),
  }),
  [Opcode.READ]: (message, caller, node) => {
    const size = message.u32(BODY + 16);
    if (size > LARGEST_READ) return new FsError('EINVAL');
    return ifSafe('EINVAL', message.u64(BODY + 8), (offset) => ({
      operation: 'read',
      caller,
      node,
      handle: message.u64(BODY),
      offset,
      size,
    }));
  },
  [Opcode.WRITE]: (message, caller, node) => {
    const [offset, size] = [message.u64(BODY + 8), message.u32(BODY + 16)];
    if (!Number.isSafeInteger(offset + size)) return new FsError('EFBIG');
    return {
      operation: 'write',
      caller,
      node,
      handle: message.u64(BODY),
      offset,
      data: message.bytes(BODY + 40, size),
      killPrivileges: (message.u32(BODY + 20) & WRITE_KILL_SUIDGID) !== 0,
    };
  },
  [Opcode.COPY_FILE_RANGE]: decodeCopyFileRange,
  [Opcode.COPY_FILE_RANGE_64]: decodeCopyFileRange,
  [Opcode.LSEEK]: decodeLseek,
  [Opcode.FALLOCATE]: decodeFallocate,
  [Opcode.STATFS]: (_, caller, node) => ({ operation: 'statfs', caller, node }),
  [Opcode.FLUSH]: (message, caller, node) => ({
    operation: 'flush',
    caller,
    node,
    handle: message.u64(BODY),
  }),
  [Opcode.RELEASE]: (message, caller, node) => ({
    operation: 'release',
    caller,
    node,
    handle: message.u64(BODY),
  }),
  [Opcode.FSYNC]: (message, caller, node) => ({
    operation: 'fsync',
    caller,
    node,
    handle: message.u64(BODY),
    dataOnly: (message.u32(BODY + 8) & FSYNC_DATA_ONLY) !== 0,
  }),
  [Opcode.OPENDIR]: (_, caller, node) => ({ operation: 'opendir', caller, node }),
  [Opcode.READDIR]: decodeReaddir,
  [Opcode.READDIRPLUS]: decodeReaddir,
  [Opcode.FSYNCDIR]: (message, caller, node) => ({
    operation: 'fsyncdir',
    caller,
    node,
    handle: message.u64(BODY),
  }),
  [Opcode.RELEASEDIR]: (message, caller, node) => ({
    operation: 'releasedir',
    caller,
    node,
    handle: message.u64(BODY),
  }),
  [Opcode.GETXATTR]: (message, caller, node) => {
    const name = message.text(BODY + 8);
    return name === null ? new FsError('ENODATA') : { operation: 'getxattr', caller, node, name };
  },
  [Opcode.SETXATTR]: (message, caller, node) => {
    const flags = message.u32(BODY + 4);
    const name = message.text(BODY + 8);
    if (name === null) return impossibleName();
    const value = message.bytes(message.after, message.u32(BODY));
    const [create, replace] = [(flags & 1) !== 0, (flags & 2) !== 0];
    return { operation: 'setxattr', caller, node, name, value, create, replace };
  },
  [Opcode.LISTXATTR]: (_, caller, node) => ({ operation: 'listxattr', caller, node }),
  [Opcode.REMOVEXATTR]: (message, caller, node) => {
    const name = message.text(BODY);
    return name === null ? new FsError('ENODATA') : { operation: 'removexattr', caller, node, name };
  },
  [Opcode.ACCESS]: (message, caller, node) => ({
    operation: 'access',
    caller,
    node,
    mask: message.u32(BODY),
  }),
});

function tableOf(decoders: Readonly<Record<number, Decoder>>): readonly (Decoder | undefined)[] {
  return Array.from({ length: LARGEST_OPCODE + 1 }, (_, opcode) => decoders[opcode]);
}

function ifSafe(errno: 'EINVAL', value: number, make: (value: number) => Request): Request | FsError {
  return Number.isSafeInteger(value) ? make(value) : new FsError(errno);
}

function decodeRename(
  message: Message,
  caller: Caller,
  parent: NodeId,
  form: { readonly flags: number; readonly namesAt: number },
): Request | FsError {
  const newParent = message.u64(BODY);
  const name = message.text(form.namesAt);
  const newName = message.text(message.after);
  if (name === null) return impossibleName();
  if (newName === null) return impossibleName();
  const flags = {
    noReplace: (form.flags & 1) !== 0,
    exchange: (form.flags & 2) !== 0,
    unknown: (form.flags & ~3) !== 0,
  };
  return { operation: 'rename', caller, parent, name, newParent, newName, flags };
}

function decodeCopyFileRange(message: Message, caller: Caller, node: NodeId): Request | FsError {
  const [offset, targetOffset, length] = [
    message.u64(BODY + 8),
    message.u64(BODY + 32),
    message.u64(BODY + 40),
  ];
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(targetOffset)) return new FsError('EFBIG');
  return {
    operation: 'copyFileRange',
    caller,
    node,
    handle: message.u64(BODY),
    offset,
    targetNode: message.u64(BODY + 16),
    targetHandle: message.u64(BODY + 24),
    targetOffset,
    // A short copy is always allowed, and "all of it" comes as a number beyond those we count in.
    length: Math.min(length, Number.MAX_SAFE_INTEGER - Math.max(offset, targetOffset)),
  };
}

const SEEK_DATA = 3;
const SEEK_HOLE = 4;

function decodeLseek(message: Message, caller: Caller, node: NodeId): Request | FsError {
  const whence = message.u32(BODY + 16);
  if (whence !== SEEK_DATA && whence !== SEEK_HOLE) return new FsError('EINVAL');
  const offset = message.u64(BODY + 8);
  if (!Number.isSafeInteger(offset)) return new FsError('ENXIO');
  const kind = whence === SEEK_DATA ? 'data' : 'hole';
  return { operation: 'lseek', caller, node, handle: message.u64(BODY), offset, whence: kind };
}

/** fallocate(2): KEEP_SIZE 1, PUNCH_HOLE 2 (only with KEEP_SIZE), ZERO_RANGE 16. */
const FALLOCATE_MODES: Readonly<Record<number, FallocateMode>> = {
  0: 'allocate',
  1: 'keep-size',
  3: 'punch-hole',
  16: 'zero-range',
};

function decodeFallocate(message: Message, caller: Caller, node: NodeId): Request | FsError {
  const [offset, length] = [message.u64(BODY + 8), message.u64(BODY + 16)];
  if (!Number.isSafeInteger(offset + length)) return new FsError('EFBIG');
  const mode = FALLOCATE_MODES[message.u32(BODY + 24)] ?? 'unsupported';
  return { operation: 'fallocate', caller, node, handle: message.u64(BODY), offset, length, mode };
}

function decodeReaddir(message: Message, caller: Caller, node: NodeId): Request | FsError {
  return ifSafe('EINVAL', message.u64(BODY + 8), (offset) => ({
    operation: 'readdir',
    caller,
    node,
    handle: message.u64(BODY),
    offset,
  }));
}
