/**
 * Notices that the machine slept: a timer that should fire every few seconds finds that far more time went by on the
 * wall clock than on the monotonic one, or than it asked for. What the sleep made stale is for the listener.
 */
import type { Clock } from '../base/index.js';

const CHECK_EVERY_MS = 15_000;
/** Longer than any stall of the event loop, shorter than any sleep that matters. */
const JUMP_MS = 30_000;

/** Calls `resumed` with the length of each sleep. Ends with the signal. */
export async function watchForResume(
  clock: Clock,
  resumed: (sleptMs: number) => void,
  signal: AbortSignal,
): Promise<void> {
  let before = clock.now();
  while (!signal.aborted) {
    await clock.sleep(CHECK_EVERY_MS, signal);
    const now = clock.now();
    const sleptMs = now - before - CHECK_EVERY_MS;
    if (sleptMs > JUMP_MS) resumed(sleptMs);
    before = now;
  }
}
