/**
 * The session of the login host: ESTSAUTH for 24 hours of inactivity, ESTSAUTHPERSISTENT for 90 days of it after
 * "Stay signed in: Yes". Each use gives out new ones (protocol notes 1g).
 */
import type { StandinUser } from '../../directory.js';
import type { StandinRequest } from '../../request.js';
import { pathPrefix } from '../addresses.js';
import { cookieValues, deleteCookie, setCookie } from '../cookies.js';
import type { Desk, LoginSessionDetail } from '../desk.js';
import type { Ticket } from '../ticket-store.js';

const SESSION_COOKIES = ['ESTSAUTHPERSISTENT', 'ESTSAUTH'] as const;

export function loginSession(desk: Desk, request: StandinRequest): Ticket<LoginSessionDetail> | undefined {
  for (const name of SESSION_COOKIES) {
    for (const value of cookieValues(request, name)) {
      const ticket = desk.loginSessions.valid(value);
      if (ticket !== undefined) return ticket;
    }
  }
  return undefined;
}

/** `Set-Cookie` of a session that begins or goes on now. */
export function loginSessionCookies(
  desk: Desk,
  request: StandinRequest,
  user: StandinUser,
  detail: LoginSessionDetail,
): string[] {
  const path = `${pathPrefix(desk.hosts, request)}/`;
  const { sessionSeconds, persistentSessionSeconds } = desk.switches;
  const session = desk.loginSessions.issue(sessionValue(desk), user, sessionSeconds * 1000, detail);
  const cookies = [
    setCookie('ESTSAUTH', session, { path }),
    setCookie('ESTSAUTHLIGHT', `+${user.id}`, { path }),
    setCookie('SignInStateCookie', sessionValue(desk).slice(0, 120), { path }),
  ];
  if (!detail.persistent) return cookies;
  const lifetimeMs = persistentSessionSeconds * 1000;
  const persistent = desk.loginSessions.issue(sessionValue(desk), user, lifetimeMs, detail);
  const expiresAtMs = desk.clock.now() + lifetimeMs;
  return [...cookies, setCookie('ESTSAUTHPERSISTENT', persistent, { path, expiresAtMs })];
}

/** What the login host sets on everybody who comes by; none of it signs in. */
export function ambientCookies(desk: Desk, request: StandinRequest): string[] {
  const path = `${pathPrefix(desk.hosts, request)}/`;
  const expiresAtMs = desk.clock.now() + 30 * 86_400_000;
  return [
    setCookie('buid', sessionValue(desk).slice(0, 90), { path, expiresAtMs }),
    setCookie('fpc', desk.random.bytes(16).toString('base64url'), { path, expiresAtMs }),
    setCookie('esctx', sessionValue(desk).slice(0, 90), { path }),
    setCookie('x-ms-gateway-slice', 'estsfd', { path }),
    setCookie('stsservicecookie', 'estsfd', { path }),
  ];
}

/** Single sign-out: the sessions are ended here as well as in the browser. */
export function clearedLoginCookies(desk: Desk, request: StandinRequest): string[] {
  const path = `${pathPrefix(desk.hosts, request)}/`;
  for (const name of SESSION_COOKIES) {
    for (const value of cookieValues(request, name)) desk.loginSessions.forget(value);
  }
  return [...SESSION_COOKIES, 'ESTSAUTHLIGHT', 'SignInStateCookie'].map((name) =>
    deleteCookie(name, { path }),
  );
}

function sessionValue(desk: Desk): string {
  return `0.A${desk.random.bytes(260).toString('base64url')}`;
}
