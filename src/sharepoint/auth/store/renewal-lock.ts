/**
 * One renewal of an account at a time, over all processes: the daemon and `odbfs login`, `odbfs cookies` share one set
 * of cookies, and two attempts at once spoil each other (protocol notes 1g). A lock whose
 * holder died is free.
 */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Clock, takeProcessLock } from '../../../base/index.js';
import { SignInError } from '../sign-in-error.js';

const POLL_MS = 100;
/** Longer than any renewal may take; who holds on longer is stuck, and only ending that process helps. */
const PATIENCE_MS = 5 * 60_000;

export async function withRenewalLock<Result>(
  path: string,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  work: () => Promise<Result>,
): Promise<Result> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const waitingSince = clock.monotonic();
  let release = takeProcessLock(path);
  while (release === null) {
    if (clock.monotonic() - waitingSince > PATIENCE_MS) {
      throw new SignInError('unreachable', 'another process is signing in, and does not come to an end');
    }
    await clock.sleep(POLL_MS, signal);
    release = takeProcessLock(path);
  }
  try {
    return await work();
  } finally {
    release();
  }
}
