/** Content that the server leaves without a word (semantics: Time bounds). */
import { DriveError } from '../drive/index.js';
import { FsError } from './fs-error.js';
import type { Inode } from './inode.js';

/** One silence of content. */
const SILENCE_MS = 30_000;
/** Who reads so soon after he has opened the file goes on waiting for the same bytes. */
const SOON_MS = 1_000;

interface Wait {
  readonly beganMs: number;
  readonly nowMs: number;
}

/** Who opens a file waits for its first bytes only so long; it is opened without them, and read all the same. */
export function gaveUpWaiting(inode: Inode, { beganMs, nowMs }: Wait): void {
  inode.vainWait = { beganMs, endedMs: nowMs };
}

/**
 * Where there is no network that is known at once: whoever waited so long met a server that fell silent. And so does who
 * comes just after him, as the kernel does for the same reader when its read-ahead failed.
 */
export function afterSilence(error: unknown, inode: Inode, { beganMs, nowMs }: Wait): unknown {
  if (!(error instanceof DriveError) || error.kind !== 'unreachable') return error;
  const { vainWait } = inode;
  const sinceMs = vainWait !== null && beganMs - vainWait.endedMs < SOON_MS ? vainWait.beganMs : beganMs;
  if (nowMs - sinceMs >= SILENCE_MS) inode.lastSilenceMs = nowMs;
  const isSilence = nowMs - inode.lastSilenceMs < SILENCE_MS;
  return isSilence ? new FsError('ETIMEDOUT', error.message, { cause: error }) : error;
}

/** The kernel asks once more, at once, for what its read-ahead did not get: that wait is over, and is not begun again. */
export function signalAfter(inode: Inode, nowMs: number, signal: AbortSignal): AbortSignal {
  if (nowMs - inode.lastSilenceMs >= SOON_MS) return signal;
  return AbortSignal.abort(new FsError('ETIMEDOUT', 'the server said nothing, and that was a moment ago'));
}
