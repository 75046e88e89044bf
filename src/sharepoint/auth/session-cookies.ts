/** The names of cookies, by what they are for (protocol notes 1d, 1e2, 1g). */
import type { AccountJar } from './account-jar.js';
import { readFedAuth } from './fed-auth.js';
import type { SiteAddress } from './site-address.js';

export const FED_AUTH = 'FedAuth';
export const RT_FA = 'rtFa';
export const NATIVE = 'SPOIDCRL';

/** Either of them signs a request to its host in. */
const SESSION_NAMES: ReadonlySet<string> = new Set([FED_AUTH, NATIVE, 'EdgeAccessCookie']);

/** Cookies of the login host that can bring a new session without a person. */
const LOGIN_NAMES: ReadonlySet<string> = new Set(['ESTSAUTH', 'ESTSAUTHPERSISTENT']);

/** Cookies of one attempt, or of the login host alone: not for the drive's requests. */
const PASSING_NAMES =
  /^(nSGt|RpsContextCookie|ESTS|esctx|buid$|fpc$|SignInStateCookie|stsservicecookie|x-ms-gateway)/i;

export function isPassing(name: string): boolean {
  return PASSING_NAMES.test(name);
}

export function isSessionCookie(name: string): boolean {
  return SESSION_NAMES.has(name);
}

/** Where the account's cookies are asked for: `/` below the web matches them all. */
export function cookieUrl(site: SiteAddress): URL {
  return new URL(`${site.webUrl}/`);
}

export function hasSession(jar: AccountJar, url: URL): boolean {
  return jar.value(url, FED_AUTH) !== null || jar.value(url, NATIVE) !== null;
}

export function hasLoginCookies(jar: AccountJar): boolean {
  return jar.has((name) => LOGIN_NAMES.has(name));
}

/**
 * The values that can bring a new session; empty when none can. Where the login host's cookies have ended, rtFa does
 * not stand in for them: the tenant wants to see the person then. It serves those who never had any.
 */
export function renewingValues(jar: AccountJar, site: SiteAddress, loginUrl: string | null): string[] {
  if (!hasLoginCookies(jar) && jar.everHad((name) => LOGIN_NAMES.has(name))) return [];
  const login =
    loginUrl === null ? [] : [...LOGIN_NAMES].map((name) => jar.value(new URL(`${loginUrl}/`), name));
  return [...login, jar.value(cookieUrl(site), RT_FA)].filter((value) => value !== null);
}

/**
 * When the session ends by our clock, or null when its cookie does not tell. The cookie's own `expires` is no answer: it
 * says how long a browser keeps it, days longer than the server takes it. `skewMs`: server's clock less ours.
 */
export function sessionExpiry(jar: AccountJar, url: URL, skewMs: number): number | null {
  const value = jar.value(url, FED_AUTH);
  const inside = value === null ? null : (readFedAuth(value)?.expiresAt ?? null);
  if (inside === null) return null;
  return Math.min(inside - skewMs, jar.expiryOf(url, FED_AUTH) ?? Number.POSITIVE_INFINITY);
}
