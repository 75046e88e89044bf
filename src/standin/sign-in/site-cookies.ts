/** Gives out the cookies of the SharePoint hosts and says whether one that came back still holds. */
import type { StandinUser } from '../directory.js';
import type { StandinRequest } from '../request.js';
import { hostKey, pathPrefix } from './addresses.js';
import type { InvalidReason } from './contract.js';
import { cookieValues, deleteCookie, setCookie } from './cookies.js';
import type { Desk, SiteCookieDetail } from './desk.js';
import { fedAuthValue } from './fed-auth.js';
import { rtFaValue } from './rt-fa.js';
import type { Ticket } from './ticket-store.js';

/** A browser keeps persistent cookies for the inactivity limit of the web session (protocol notes 1g). */
const PERSISTENT_COOKIE_MS = 5 * 86_400_000;

/** Where a cookie that was made without a sign-in pretends to come from: some browser elsewhere. */
export const ELSEWHERE = {
  userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36',
  address: '192.0.2.7',
} as const;

export type CookieName = SiteCookieDetail['name'];

/** Makes the value of a cookie and remembers it. */
export function issueSiteCookie(desk: Desk, user: StandinUser, detail: SiteCookieDetail): string {
  switch (detail.name) {
    case 'FedAuth':
      return issueFedAuth(desk, user, detail);
    case 'rtFa': {
      const content = { upn: user.upn, issuedAtMs: desk.clock.now(), tenantId: desk.tenantId };
      return desk.siteCookies.issue(rtFaValue(content, desk.random), user, rtFaLifetimeMs(desk), detail);
    }
    case 'SPOIDCRL': {
      const value = desk.random.bytes(384).toString('base64');
      return desk.siteCookies.issue(value, user, desk.switches.spoidcrlSeconds * 1000, detail);
    }
  }
}

/** A sign-in completed on this host: `Set-Cookie` of FedAuth (this host) and rtFa (the parent domain). */
export function signInCookies(
  desk: Desk,
  request: StandinRequest,
  user: StandinUser,
  persistent: boolean,
): string[] {
  desk.log.add('forms-cookies', user.upn);
  const which = desk.switches.formsCookies;
  const cookies: string[] = [];
  if (which !== 'FedAuth') cookies.push(rtFaCookie(desk, request, user, persistent));
  if (which !== 'rtFa') cookies.push(fedAuthCookie(desk, request, user, persistent));
  return cookies;
}

export function fedAuthCookie(
  desk: Desk,
  request: StandinRequest,
  user: StandinUser,
  persistent: boolean,
): string {
  const value = issueSiteCookie(desk, user, detailFor(desk, request, 'FedAuth', persistent));
  return setCookie('FedAuth', value, siteCookieOptions(desk, request, persistent));
}

/** A FedAuth that has become old enough is followed by a new one of the same sign-in; it stays as good as it was. */
export function reissuedCookies(desk: Desk, request: StandinRequest): string[] {
  const afterSeconds = desk.switches.reissueAfterSeconds;
  if (afterSeconds === 0) return [];
  const ticket = siteCookieTicket(desk, request, ['FedAuth']);
  if (typeof ticket === 'string' || desk.clock.now() < ticket.issuedAtMs + afterSeconds * 1000) return [];
  const value = issueSiteCookie(desk, ticket.user, ticket.detail);
  return [setCookie('FedAuth', value, siteCookieOptions(desk, request, ticket.detail.persistent))];
}

export function spoidcrlCookie(desk: Desk, request: StandinRequest, user: StandinUser): string {
  const value = issueSiteCookie(desk, user, detailFor(desk, request, 'SPOIDCRL', false));
  return setCookie('SPOIDCRL', value, siteCookieOptions(desk, request, false));
}

/** Sign-out: all of them are taken back, in the browser and here. */
export function clearedCookies(desk: Desk, request: StandinRequest): string[] {
  for (const name of ['FedAuth', 'rtFa', 'SPOIDCRL'] as const) {
    for (const value of cookieValues(request, name)) desk.siteCookies.forget(value);
  }
  const path = `${pathPrefix(desk.hosts, request)}/`;
  return [
    deleteCookie('FedAuth', { path }),
    deleteCookie('SPOIDCRL', { path }),
    deleteCookie('rtFa', { domain: desk.hosts.cookieDomainOf(request) }),
  ];
}

/** The ticket of the first good cookie among `names`, or why there is none. */
export function siteCookieTicket(
  desk: Desk,
  request: StandinRequest,
  names: readonly CookieName[],
): Ticket<SiteCookieDetail> | InvalidReason {
  let reason: InvalidReason = 'absent';
  for (const value of names.flatMap((name) => cookieValues(request, name))) {
    const found = checkOne(desk, request, value, names);
    if (typeof found !== 'string') return found;
    if (found !== 'absent') reason = found;
  }
  return reason;
}

function checkOne(
  desk: Desk,
  request: StandinRequest,
  value: string,
  names: readonly CookieName[],
): Ticket<SiteCookieDetail> | InvalidReason {
  const ticket = desk.siteCookies.check(value);
  if (typeof ticket === 'string') return ticket;
  const { host, name } = ticket.detail;
  if (!names.includes(name)) return 'malformed';
  if (host !== null && host !== hostKey(desk.hosts, request.role, request)) return 'absent';
  return wasTransferred(desk, request, ticket.detail) ? 'transferred' : ticket;
}

function wasTransferred(desk: Desk, request: StandinRequest, detail: SiteCookieDetail): boolean {
  switch (desk.switches.sessionBoundTo) {
    case 'nothing':
      return false;
    case 'user-agent':
      return detail.userAgent !== (request.headers['user-agent'] ?? '');
    case 'address':
      return detail.address !== request.remoteAddress;
  }
}

function issueFedAuth(desk: Desk, user: StandinUser, detail: SiteCookieDetail): string {
  const lifetimeMs = desk.switches.fedAuthSeconds * 1000;
  const content = {
    upn: user.upn,
    signedInAtMs: detail.signedInAtMs,
    issuedAtMs: desk.clock.now(),
    expiresAtMs: desk.clock.now() + lifetimeMs,
    address: detail.address,
    tenantId: desk.tenantId,
  };
  const whole = fedAuthValue(desk.switches.fedAuthLayout, content, desk.random);
  const value = desk.switches.fedAuthTruncated ? truncated(whole) : whole;
  return desk.siteCookies.issue(value, user, lifetimeMs, detail);
}

/**
 * Cut in the middle of a base64 quantum and before the expiry (index 5), but behind what makes it unique: the
 * identities come first, so only the random one at index 1 tells two such cookies apart.
 */
function truncated(value: string): string {
  return value.slice(0, 121);
}

function rtFaLifetimeMs(desk: Desk): number {
  const { rtFaSeconds, fedAuthSeconds } = desk.switches;
  return (rtFaSeconds || fedAuthSeconds) * 1000;
}

function rtFaCookie(desk: Desk, request: StandinRequest, user: StandinUser, persistent: boolean): string {
  const value = issueSiteCookie(desk, user, detailFor(desk, request, 'rtFa', persistent));
  const domain = desk.switches.rtFaDomain || desk.hosts.cookieDomainOf(request);
  return setCookie('rtFa', value, { domain, expiresAtMs: browserExpiry(desk, persistent) });
}

function detailFor(
  desk: Desk,
  request: StandinRequest,
  name: CookieName,
  persistent: boolean,
): SiteCookieDetail {
  return {
    name,
    host: name === 'rtFa' ? null : hostKey(desk.hosts, request.role, request),
    userAgent: request.headers['user-agent'] ?? '',
    address: request.remoteAddress,
    persistent,
    signedInAtMs: desk.clock.now(),
  };
}

function siteCookieOptions(desk: Desk, request: StandinRequest, persistent: boolean) {
  return {
    path: `${pathPrefix(desk.hosts, request)}/`,
    expiresAtMs: browserExpiry(desk, persistent),
  };
}

/** `expires=` stands only on cookies of a persistent sign-in (protocol notes 1d). */
function browserExpiry(desk: Desk, persistent: boolean): number | undefined {
  return persistent ? desk.clock.now() + PERSISTENT_COOKIE_MS : undefined;
}
