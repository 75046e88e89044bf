/** The body of each reply, behind its header. READDIR and READ are elsewhere: they need more than the reply. */
import type { FileSystemStatistics, OpenReply, Operation, Replies } from '../../fs/index.js';
import { OpenReplyFlag } from './abi.js';
import { putAttributesReply, putEntry, putStatxReply } from './encode-attributes.js';
import { ERRNO_NUMBER } from './errno-number.js';
import { BODY, type ReplyArena } from './reply-arena.js';

/** What else an encoder needs to know. */
export interface ReplyContext {
  /** The most bytes that the kernel takes of an extended attribute or list; 0: it only asks for their length. */
  readonly limit: number;
  /** Of the handle being opened, when the kernel is to read and write its backing file itself; else 0. */
  readonly passthroughId: number;
}

type Encoder<Name extends Operation> = (
  arena: ReplyArena,
  reply: Replies[Name],
  context: ReplyContext,
) => number;

export type EncodedOperation = Exclude<Operation, 'readdir' | 'read'>;

/** Writes the body; its length, or a negative errno. */
export function putReply<Name extends EncodedOperation>(
  arena: ReplyArena,
  operation: Name,
  reply: Replies[Name],
  context: ReplyContext,
): number {
  return ENCODERS[operation](arena, reply, context);
}

const nothing = () => 0;

const ENCODERS: { readonly [Name in EncodedOperation]: Encoder<Name> } = {
  lookup: (arena, entry) => putEntry(arena, BODY, entry),
  getattr: (arena, reply) => putAttributesReply(arena, BODY, reply),
  setattr: (arena, reply) => putAttributesReply(arena, BODY, reply),
  statx: (arena, reply) => putStatxReply(arena, BODY, reply),
  readlink: (arena, target) => putBytes(arena, Buffer.from(target)),
  symlink: (arena, entry) => putEntry(arena, BODY, entry),
  mknod: (arena, entry) => putEntry(arena, BODY, entry),
  mkdir: (arena, entry) => putEntry(arena, BODY, entry),
  link: (arena, entry) => putEntry(arena, BODY, entry),
  unlink: nothing,
  rmdir: nothing,
  rename: nothing,
  open: (arena, reply, context) => putOpen(arena, BODY, reply, context),
  create: putCreated,
  tmpfile: putCreated,
  write: putCount,
  copyFileRange: putCount,
  lseek: (arena, offset) => {
    arena.u64(BODY, offset);
    return 8;
  },
  fallocate: nothing,
  flush: nothing,
  release: nothing,
  fsync: nothing,
  opendir: (arena, reply) => {
    arena.u64(BODY, reply.handle);
    const keep = reply.keepCache ? OpenReplyFlag.KEEP_CACHE : 0;
    arena.u32(BODY + 8, reply.mayCache ? OpenReplyFlag.CACHE_DIR | keep : 0);
    arena.u32(BODY + 12, 0);
    return 16;
  },
  fsyncdir: nothing,
  releasedir: nothing,
  statfs: putStatistics,
  getxattr: (arena, value, { limit }) => putLimited(arena, value, limit),
  listxattr: (arena, names, { limit }) =>
    putLimited(arena, Buffer.from(names.map((name) => `${name}\0`).join('')), limit),
  setxattr: nothing,
  removexattr: nothing,
  access: nothing,
};

function putBytes(arena: ReplyArena, bytes: Uint8Array): number {
  if (bytes.length > arena.size - BODY) return -ERRNO_NUMBER.ERANGE;
  arena.bytes.set(bytes, BODY);
  return bytes.length;
}

function putCount(arena: ReplyArena, count: number): number {
  arena.u64(BODY, count);
  return 8;
}

function putOpen(arena: ReplyArena, at: number, reply: OpenReply, { passthroughId }: ReplyContext): number {
  let flags = 0;
  if (reply.keepCache) flags |= OpenReplyFlag.KEEP_CACHE;
  if (reply.directIo) flags |= OpenReplyFlag.DIRECT_IO;
  if (passthroughId > 0) flags = OpenReplyFlag.PASSTHROUGH;
  if (reply.skipsFlush) flags |= OpenReplyFlag.NOFLUSH;
  arena.u64(at, reply.handle);
  arena.u32(at + 8, flags);
  arena.u32(at + 12, passthroughId);
  return 16;
}

function putCreated(arena: ReplyArena, reply: Replies['create'], context: ReplyContext): number {
  const entrySize = putEntry(arena, BODY, reply.entry);
  return entrySize + putOpen(arena, BODY + entrySize, reply.open, context);
}

/** fuse_statfs_out: what is free is free for everybody. */
function putStatistics(arena: ReplyArena, statistics: FileSystemStatistics): number {
  arena.zero(BODY, 80);
  arena.u64(BODY, statistics.totalBlocks);
  arena.u64(BODY + 8, statistics.freeBlocks);
  arena.u64(BODY + 16, statistics.freeBlocks);
  arena.u64(BODY + 24, statistics.files);
  arena.u64(BODY + 32, statistics.freeFiles);
  arena.u32(BODY + 40, statistics.blockSize);
  arena.u32(BODY + 44, statistics.longestName);
  arena.u32(BODY + 48, statistics.blockSize);
  return 80;
}

/** getxattr(2) and listxattr(2): the length alone, or all of it, or ERANGE. */
function putLimited(arena: ReplyArena, value: Uint8Array, limit: number): number {
  if (limit === 0) return putCount(arena, value.length);
  return value.length > limit ? -ERRNO_NUMBER.ERANGE : putBytes(arena, value);
}
