import type { Clock, Metrics } from '../base/index.js';

/** How often it is looked whether the kernel asked for anything. */
const USE_CHECK_MS = 5_000;

interface Watched {
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/** The kernel answers much by itself: its requests, few as they are, tell that the mount is in use. */
export async function noticeUse(
  { clock, metrics }: Watched,
  tree: { noteUse(): void },
  signal: AbortSignal,
): Promise<void> {
  let before = metrics.get('kernel.requests');
  for (;;) {
    await clock.sleep(USE_CHECK_MS, signal);
    const now = metrics.get('kernel.requests');
    if (now !== before) tree.noteUse();
    before = now;
  }
}
