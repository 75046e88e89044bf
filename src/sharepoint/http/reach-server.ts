/** Whether a server answers at all, how fast, and what its clock says: for people who look for a fault. Signs nothing. */
import { connectionFault } from './connection-faults.js';
import { request } from './request.js';

const TIMEOUT_MS = 10_000;

export type ServerReach =
  /** `skewMs`: its clock less ours; null when it did not tell. To the second, as HTTP dates are. */
  | { readonly ok: true; readonly roundTripMs: number; readonly skewMs: number | null }
  | { readonly ok: false; readonly reason: string };

/** Any answer counts, whatever its status. Throws the signal's reason and nothing else. */
export async function reachServer(siteUrl: string, signal: AbortSignal): Promise<ServerReach> {
  const url = new URL('/', siteUrl);
  const startedMs = performance.now();
  try {
    const response = await request(url, {
      method: 'HEAD',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    await response.body.dump();
    const roundTripMs = performance.now() - startedMs;
    return { ok: true, roundTripMs, skewMs: skewOf(response.headers.date, roundTripMs) };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, reason: `${url.host} can't be reached: ${reasonOf(error)}` };
  }
}

function skewOf(date: string | string[] | undefined, roundTripMs: number): number | null {
  const theirs = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  return Number.isNaN(theirs) ? null : theirs - (Date.now() - roundTripMs / 2);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: string };
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1000} s`;
  return connectionFault(code ?? '') ?? WORDS[code ?? ''] ?? (error.message || code || 'no answer');
}

const WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'no name server answers',
  ECONNREFUSED: 'it refuses connections',
  ENETUNREACH: 'there is no network',
  EHOSTUNREACH: 'there is no way to it',
  UND_ERR_CONNECT_TIMEOUT: 'it does not take the connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'it does not answer in time',
};
