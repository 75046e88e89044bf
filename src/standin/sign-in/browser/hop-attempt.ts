/** One browser flow of SharePoint between hop 3, where it is sent to the login host, and hop 5, where it comes back. */
import type { StandinRequest } from '../../request.js';
import { hostKey, pathPrefix } from '../addresses.js';
import { allCookies, cookieValues, deleteCookie, setCookie } from '../cookies.js';
import type { Desk } from '../desk.js';

export interface HopAttempt {
  readonly cookieName: string;
  readonly nonce: string;
  readonly state: string;
  readonly returnUrl: string;
  /** Value of RpsContextCookie, which has to come back too. */
  readonly context: string;
  readonly host: string;
  readonly startedAtMs: number;
}

/** A browser that comes back later than this begins anew. */
const ATTEMPT_LIFETIME_MS = 3_600_000;

export interface BegunAttempt {
  readonly attempt: HopAttempt;
  readonly setCookies: readonly string[];
}

export function beginAttempt(desk: Desk, request: StandinRequest, returnUrl: string): BegunAttempt {
  const { random } = desk;
  const key = random.bytes(128).toString('base64');
  const attempt: HopAttempt = {
    cookieName: `nSGt-${random.bytes(16).toString('hex').toUpperCase()}`,
    nonce: `${random.bytes(24).toString('hex').toUpperCase()}-${random.bytes(32).toString('hex').toUpperCase()}`,
    state: `OD0w&${random.bytes(6).toString('base64')}"<'`,
    returnUrl,
    context: Buffer.from(`ReturnUrl=${encodeURIComponent(returnUrl)}&id=${random.guid()}`).toString('base64'),
    host: hostKey(desk.hosts, request.role, request),
    startedAtMs: desk.clock.now(),
  };
  desk.hopAttempts.set(key, attempt);
  const path = `${pathPrefix(desk.hosts, request)}/`;
  const setCookies = [
    setCookie(attempt.cookieName, key, { path }),
    setCookie('RpsContextCookie', attempt.context, { path }),
  ];
  return { attempt, setCookies };
}

/**
 * The attempt that the request's cookies and `nonce` belong to. A jar that lost one of the two cookies, or mixed the
 * cookies of two attempts, belongs to none.
 */
export function takeAttempt(desk: Desk, request: StandinRequest, nonce: string): HopAttempt | undefined {
  for (const [name, value] of allCookies(request)) {
    if (!name.startsWith('nSGt-')) continue;
    const attempt = desk.hopAttempts.get(value);
    if (attempt === undefined || !isWhole(desk, request, attempt, name) || attempt.nonce !== nonce) continue;
    desk.hopAttempts.delete(value);
    return attempt;
  }
  return undefined;
}

/** Hop 5 takes back what hop 3 gave. */
export function attemptCookiesCleared(desk: Desk, request: StandinRequest): string[] {
  const path = `${pathPrefix(desk.hosts, request)}/`;
  return allCookies(request)
    .filter(([name]) => name.startsWith('nSGt-') || name === 'RpsContextCookie')
    .map(([name]) => deleteCookie(name, { path }));
}

function isWhole(desk: Desk, request: StandinRequest, attempt: HopAttempt, name: string): boolean {
  return (
    attempt.cookieName === name &&
    attempt.host === hostKey(desk.hosts, request.role, request) &&
    cookieValues(request, 'RpsContextCookie').includes(attempt.context) &&
    desk.clock.now() < attempt.startedAtMs + ATTEMPT_LIFETIME_MS
  );
}
