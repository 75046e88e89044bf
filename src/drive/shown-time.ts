const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/**
 * Whether `shownMs` is what a server may show of a time that it was told: the second, or only the minute, for some read
 * dates in a locale that writes no seconds (protocol notes 3.5).
 */
export function mayBeShownAs(toldMs: number, shownMs: number): boolean {
  return [SECOND_MS, MINUTE_MS].some(
    (unitMs) => Math.floor(toldMs / unitMs) * unitMs === wholeSeconds(shownMs),
  );
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / SECOND_MS) * SECOND_MS;
}
