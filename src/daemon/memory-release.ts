/**
 * Has memory that nobody uses given back: after the start, which takes far more than what stays, and after each burst of
 * work; under work without end now and then.
 */
import type { Clock, Metrics } from '../base/index.js';

/** By then what only the start needed is free. */
const AFTER_START_MS = 1_000;
const CHECK_EVERY_MS = 5_000;
/** Under work that does not end: each time costs some milliseconds of a thread. */
const BUSY_CHECKS = 6;

export interface MemoryReleaseParts {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly release: () => void;
}

/** Ends with the signal. */
export async function releaseMemoryAfterWork(
  { clock, metrics, release }: MemoryReleaseParts,
  signal: AbortSignal,
): Promise<void> {
  await clock.sleep(AFTER_START_MS, signal);
  release();
  const done = () => metrics.get('kernel.requests') + metrics.get('requests.total');
  let before = done();
  let busyChecks = 0;
  for (;;) {
    await clock.sleep(CHECK_EVERY_MS, signal);
    const now = done();
    const isBusy = now !== before;
    before = now;
    if (isBusy) busyChecks += 1;
    if (busyChecks === 0 || (isBusy && busyChecks < BUSY_CHECKS)) continue;
    release();
    busyChecks = 0;
  }
}
