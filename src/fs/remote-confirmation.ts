/**
 * What `fsync` waits for with `-o fsync=remote`: that the server has confirmed what is owed at or below a node. It ends
 * within a bound: as soon as it is known that the server will not, or when nothing has moved for a while. Whatever it
 * ends with, what is owed stays owed.
 */
import { DriveError } from '../drive/index.js';
import type { Ino, OwedNode } from '../spool/index.js';
import type { FileSystem } from './file-system.js';
import { FsError } from './fs-error.js';

const LOOK_EVERY_MS = 250;
/** Nothing was sent for so long (semantics: Time bounds). */
const LONGEST_STANDSTILL_MS = 60_000;
/** A failure that may pass is told after so many in a row; what only somebody else can mend, at once. */
const MOST_ATTEMPTS = 3;

export async function confirmedByServer(fs: FileSystem, ino: Ino, signal: AbortSignal): Promise<void> {
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  const settled = fs.spool.settled([ino], either);
  const watching = watch(fs, ino, either);
  try {
    await Promise.race([settled, watching]);
  } finally {
    ended.abort(new Error('the wait has ended'));
    await Promise.allSettled([settled, watching]);
  }
}

/** Rejects with why waiting makes no sense any more. */
async function watch(fs: FileSystem, ino: Ino, signal: AbortSignal): Promise<never> {
  const { clock } = fs;
  let seen = '';
  let movedAtMs = clock.monotonic();
  for (;;) {
    await clock.sleep(LOOK_EVERY_MS, signal);
    const obstacle = obstacleOf(fs, ino);
    if (obstacle !== null) throw obstacle;
    const now = progressOf(fs, ino);
    if (now !== seen) movedAtMs = clock.monotonic();
    seen = now;
    if (clock.monotonic() - movedAtMs >= LONGEST_STANDSTILL_MS)
      throw new FsError('ETIMEDOUT', 'the server has not confirmed it yet');
  }
}

function progressOf({ spool }: FileSystem, ino: Ino): string {
  const { owed, bytesOwed } = spool.statistics;
  const state = spool.owed(ino)?.state;
  return `${owed} ${bytesOwed} ${state?.kind === 'sending' ? state.bytesSent : 0}`;
}

/** Of the node, or of a folder above it that has to be there first. */
function obstacleOf(fs: FileSystem, ino: Ino): Error | null {
  const { spool } = fs;
  if (spool.standstill !== null) return new DriveError(spool.standstill, 'nothing can be sent now');
  for (let node = spool.owed(ino); node !== undefined; ) {
    const failure = failureOf(node);
    if (failure !== null) return failure;
    node = node.place === null ? undefined : spool.owed(node.place.parent);
  }
  return null;
}

function failureOf({ state }: OwedNode): Error | null {
  if (state.kind === 'refused') return new FsError('EIO', state.reason);
  if (state.kind === 'blocked') return new DriveError('signed-out', state.reason);
  if (state.kind !== 'owed' || state.failure === null) return null;
  const isForOthersToMend = state.failure === 'full' || state.failure === 'locked';
  if (!isForOthersToMend && state.attempts < MOST_ATTEMPTS) return null;
  return new DriveError(state.failure, state.lastError ?? state.failure);
}
