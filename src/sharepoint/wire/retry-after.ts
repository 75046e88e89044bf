/** `Retry-After` in both forms, and the `RateLimit-*` headers (protocol notes 4). */

/** No server may silence us for longer than this by one header. */
const LONGEST_PAUSE_MS = 60 * 60 * 1000;

/** What an answer asks for. A date in it is one of the server's clock, which the answer shows where it has a date itself. */
export function pauseAskedFor(headers: Readonly<Record<string, string>>, nowMs: number): number | null {
  const serverNowMs = Date.parse(headers.date ?? '');
  return retryAfterMs(headers['retry-after'], Number.isNaN(serverNowMs) ? nowMs : serverNowMs);
}

/** Milliseconds to wait; null when the header is absent or makes no sense. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | null {
  const text = header?.trim() ?? '';
  if (text === '') return null;
  const seconds = Number(text);
  const pauseMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(pauseMs) ? null : Math.min(LONGEST_PAUSE_MS, Math.max(0, pauseMs));
}

export interface RateLimit {
  readonly remaining: number;
  readonly resetMs: number;
}

export function rateLimit(headers: Readonly<Record<string, string>>): RateLimit | null {
  const remaining = Number.parseFloat(headers['ratelimit-remaining'] ?? '');
  const resetSeconds = Number.parseFloat(headers['ratelimit-reset'] ?? '');
  if (!Number.isFinite(resetSeconds)) return null;
  const resetMs = Math.min(LONGEST_PAUSE_MS, Math.max(0, resetSeconds * 1000));
  return { remaining: Number.isFinite(remaining) ? remaining : 1, resetMs };
}
