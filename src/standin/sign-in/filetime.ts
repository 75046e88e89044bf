/** FILETIME: 100 ns since 1601-01-01 UTC, eighteen digits in our age (protocol notes 1j). */

const EPOCH_OFFSET_MS = 11_644_473_600_000n;

/** 9999-12-31T23:59:59.9999999Z. */
export const LAST_FILETIME = '2650467743999999999';

export function fileTimeOf(unixMs: number): string {
  return ((BigInt(Math.trunc(unixMs)) + EPOCH_OFFSET_MS) * 10_000n).toString();
}
