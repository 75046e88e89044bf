/** fuse_attr, fuse_attr_out, fuse_statx_out and fuse_entry_out. */
import type { Attributes, AttributesReply, Entry, NegativeEntry } from '../../fs/index.js';
import { STATX_BASIC_AND_BIRTH } from './abi.js';
import type { ReplyArena } from './reply-arena.js';

export const ENTRY_SIZE = 128;
const ATTRIBUTES_REPLY_SIZE = 104;
const STATX_REPLY_SIZE = 288;
/** About 68 years: as good as for ever, and still 32 bits. */
const LONGEST_VALID_SECONDS = 0x7fff_ffff;

function putValidity(arena: ReplyArena, secondsAt: number, nanosecondsAt: number, validMs: number): void {
  const ms = Math.max(0, validMs);
  const seconds = Math.min(Math.floor(ms / 1000), LONGEST_VALID_SECONDS);
  arena.u64(secondsAt, seconds);
  arena.u32(nanosecondsAt, seconds === LONGEST_VALID_SECONDS ? 0 : Math.floor((ms % 1000) * 1e6));
}

/** fuse_attr: 88 bytes. */
function putAttributes(arena: ReplyArena, at: number, attributes: Attributes): void {
  const { accessed, modified, changed } = attributes;
  arena.u64(at, attributes.ino);
  arena.u64(at + 8, attributes.size);
  arena.u64(at + 16, attributes.blocks);
  arena.u64(at + 24, accessed.seconds);
  arena.u64(at + 32, modified.seconds);
  arena.u64(at + 40, changed.seconds);
  arena.u32(at + 48, accessed.nanoseconds);
  arena.u32(at + 52, modified.nanoseconds);
  arena.u32(at + 56, changed.nanoseconds);
  arena.u32(at + 60, attributes.mode);
  arena.u32(at + 64, attributes.nlink);
  arena.u32(at + 68, attributes.uid);
  arena.u32(at + 72, attributes.gid);
  arena.u32(at + 76, 0);
  arena.u32(at + 80, attributes.blockSize);
  arena.u32(at + 84, 0);
}

export function putAttributesReply(arena: ReplyArena, at: number, reply: AttributesReply): number {
  putValidity(arena, at, at + 8, reply.validMs);
  arena.u32(at + 12, 0);
  putAttributes(arena, at + 16, reply.attributes);
  return ATTRIBUTES_REPLY_SIZE;
}

export function putEntry(arena: ReplyArena, at: number, entry: Entry | NegativeEntry): number {
  if (!('attributes' in entry)) {
    arena.zero(at, ENTRY_SIZE);
    putValidity(arena, at + 16, at + 32, entry.validMs);
    return ENTRY_SIZE;
  }
  arena.u64(at, entry.node);
  // The generation: node ids are never reused during a mount.
  arena.u64(at + 8, 0);
  putValidity(arena, at + 16, at + 32, entry.entryValidMs);
  putValidity(arena, at + 24, at + 36, entry.attributesValidMs);
  putAttributes(arena, at + 40, entry.attributes);
  return ENTRY_SIZE;
}

/** fuse_statx_out: validity, then statx with times as (seconds, nanoseconds) in the order a, b, c, m. */
export function putStatxReply(arena: ReplyArena, at: number, reply: AttributesReply): number {
  const { attributes } = reply;
  arena.zero(at, STATX_REPLY_SIZE);
  putValidity(arena, at, at + 8, reply.validMs);
  const statx = at + 32;
  arena.u32(statx, STATX_BASIC_AND_BIRTH);
  arena.u32(statx + 4, attributes.blockSize);
  arena.u32(statx + 16, attributes.nlink);
  arena.u32(statx + 20, attributes.uid);
  arena.u32(statx + 24, attributes.gid);
  arena.u32(statx + 28, attributes.mode & 0xffff);
  arena.u64(statx + 32, attributes.ino);
  arena.u64(statx + 40, attributes.size);
  arena.u64(statx + 48, attributes.blocks);
  const times = [attributes.accessed, attributes.born, attributes.changed, attributes.modified];
  for (const [index, time] of times.entries()) {
    arena.u64(statx + 64 + index * 16, time.seconds);
    arena.u32(statx + 72 + index * 16, time.nanoseconds);
  }
  return STATX_REPLY_SIZE;
}
