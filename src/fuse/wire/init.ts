/**
 * FUSE_INIT: what the kernel offers, what we take of it, and why. Pure.
 *
 * Not taken, on purpose: AUTO_INVAL_DATA (it drops pages whenever a time changes; we say ourselves what is stale),
 * READDIRPLUS_AUTO (who lists all names first then pays a look-up for each: decision 0005), EXPORT_SUPPORT (node ids mean
 * nothing after a mount), POSIX_LOCKS and FLOCK_LOCKS (without them the kernel keeps locks itself, exactly, for everybody
 * on this machine; the server knows none), POSIX_ACL, DONT_MASK, SPLICE_* (measured: no gain). WRITEBACK_CACHE only on
 * demand: the kernel then owns sizes and times, and files with other writers would show stale ones (bridge notes 5.6).
 */
import { ABI_MAJOR, ABI_MINOR, InitFlag, InitFlag2, OLDEST_MINOR, REQUEST_HEADER } from './abi.js';
import type { Message } from './message.js';
import { BODY, type ReplyArena } from './reply-arena.js';

export interface KernelOffer {
  readonly major: number;
  readonly minor: number;
  readonly largestReadahead: number;
  readonly flags: number;
  readonly flags2: number;
}

export interface InitWishes {
  readonly writebackCache: boolean;
  readonly passthrough: boolean;
  /** Nanoseconds that times are exact to. */
  readonly timeGranularity: number;
}

/** What both sides hold to from then on. */
export interface Agreement {
  readonly minor: number;
  readonly flags: number;
  readonly flags2: number;
  readonly readahead: number;
  readonly writebackCache: boolean;
  readonly passthrough: boolean;
}

export const LARGEST_WRITE = 1 << 20;
export const PAGES_PER_REQUEST = 256;
const LARGEST_READAHEAD = 1 << 20;
/** Requests that nobody waits for (read-ahead); the default of 12 is too few for network latencies. */
const BACKGROUND_REQUESTS = 64;
const CONGESTION = 48;
const INIT_REPLY_SIZE = 64;

const WANTED =
  InitFlag.ASYNC_READ |
  InitFlag.ATOMIC_O_TRUNC |
  InitFlag.BIG_WRITES |
  InitFlag.DO_READDIRPLUS |
  InitFlag.ASYNC_DIO |
  InitFlag.PARALLEL_DIROPS |
  // Tells an aborted connection, whose mount stays, from an unmounted one.
  InitFlag.ABORT_ERROR |
  InitFlag.MAX_PAGES |
  InitFlag.CACHE_SYMLINKS |
  InitFlag.EXPLICIT_INVAL_DATA |
  // Without it the kernel asks for security.capability before every single write(2) (bridge notes 1.6).
  InitFlag.HANDLE_KILLPRIV_V2;

export function decodeInit(message: Message): KernelOffer {
  const flags = message.u32(REQUEST_HEADER + 12);
  const isExtended = (flags & InitFlag.INIT_EXT) !== 0;
  return {
    major: message.u32(REQUEST_HEADER),
    minor: message.u32(REQUEST_HEADER + 4),
    largestReadahead: message.u32(REQUEST_HEADER + 8),
    flags,
    flags2: isExtended ? message.u32(REQUEST_HEADER + 16) : 0,
  };
}

/** Null when this kernel is too old. */
export function agree(offer: KernelOffer, wishes: InitWishes): Agreement | null {
  if (offer.major < ABI_MAJOR || (offer.major === ABI_MAJOR && offer.minor < OLDEST_MINOR)) return null;
  const passthrough = wishes.passthrough && (offer.flags2 & InitFlag2.PASSTHROUGH) !== 0;
  // The kernel refuses one with the other.
  const writebackCache =
    wishes.writebackCache && !passthrough && (offer.flags & InitFlag.WRITEBACK_CACHE) !== 0;
  const wanted = WANTED | InitFlag.INIT_EXT | (writebackCache ? InitFlag.WRITEBACK_CACHE : 0);
  const wanted2 = InitFlag2.DIRECT_IO_ALLOW_MMAP | (passthrough ? InitFlag2.PASSTHROUGH : 0);
  return {
    minor: offer.major > ABI_MAJOR ? ABI_MINOR : Math.min(offer.minor, ABI_MINOR),
    flags: offer.flags & wanted,
    flags2: offer.flags2 & wanted2,
    readahead: Math.min(offer.largestReadahead, LARGEST_READAHEAD),
    writebackCache,
    passthrough,
  };
}

export function putInit(arena: ReplyArena, agreement: Agreement, wishes: InitWishes): number {
  arena.zero(BODY, INIT_REPLY_SIZE);
  arena.u32(BODY, ABI_MAJOR);
  arena.u32(BODY + 4, ABI_MINOR);
  arena.u32(BODY + 8, agreement.readahead);
  arena.u32(BODY + 12, agreement.flags);
  arena.u16(BODY + 16, BACKGROUND_REQUESTS);
  arena.u16(BODY + 18, CONGESTION);
  arena.u32(BODY + 20, LARGEST_WRITE);
  arena.u32(BODY + 24, wishes.timeGranularity);
  arena.u16(BODY + 28, PAGES_PER_REQUEST);
  arena.u32(BODY + 32, agreement.flags2);
  // Backing files may themselves be on a stacked file system, one deep.
  arena.u32(BODY + 36, agreement.passthrough ? 1 : 0);
  return INIT_REPLY_SIZE;
}
