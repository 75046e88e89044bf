const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 5 * 60_000;

/** How long to wait after the n-th failure in a row: doubling from a second to five minutes, up to a quarter less. */
export function backOffMs(failures: number, random: () => number = Math.random): number {
  const delayMs = Math.min(FIRST_DELAY_MS * 2 ** Math.min(failures - 1, 20), LONGEST_DELAY_MS);
  return Math.round(delayMs * (1 - random() / 4));
}

/** What only somebody else's doing can mend (a lock, a full drive) is tried again at this pace. */
export const SLOW_RETRY_MS = 60_000;

/** While somebody waits for what is owed, as `odbfs flush` and `unmount` do, nothing rests longer than this. */
export const AWAITED_RETRY_MS = 8_000;
