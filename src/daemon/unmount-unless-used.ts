import type { Clock } from '../base/index.js';
import type { AccountRuntime } from './account-runtime.js';

const TRIES = 10;
const PAUSE_MS = 100;

/**
 * Takes the mount away unless somebody uses it. Whoever only looks at it (`df`, a desktop, a walk over all mounts) holds it
 * for a moment, and so does a program that is just ending: no reason to tell a person that it is busy. False: it is.
 */
export async function unmountUnlessUsed(
  runtime: AccountRuntime,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  for (let left = TRIES - 1; !(await runtime.unmount()); left -= 1) {
    if (left === 0) return false;
    await clock.sleep(PAUSE_MS, signal);
  }
  return true;
}
