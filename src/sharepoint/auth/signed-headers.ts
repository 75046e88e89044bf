/**
 * The headers that sign in a request, by what the session has: the cookie for the host; for REST the access token,
 * which needs no request digest (protocol notes 3.1), where there is one that lives. Nothing for a foreign host.
 */
import type { AccountJar } from './account-jar.js';
import { hasSession, isPassing, RT_FA } from './session-cookies.js';
import type { SiteAddress } from './site-address.js';
import type { StoredTokens } from './store/stored-session.js';

export interface Signature {
  readonly headers: Readonly<Record<string, string>>;
  readonly bearer: boolean;
}

export interface Signing {
  readonly site: SiteAddress;
  readonly jar: AccountJar;
  readonly tokens: StoredTokens | null;
  /** Sent instead of our own where the session is bound to it. */
  readonly userAgent: string | null;
}

/** A token is not used in its last moments: a request takes a while to arrive. */
const TOKEN_MARGIN_MS = 30_000;

export function signatureFor(url: URL, signing: Signing, nowMs: number): Signature {
  const { site, jar, tokens, userAgent } = signing;
  if (!site.owns(url)) return { headers: {}, bearer: false };
  const agent = userAgent === null ? {} : { 'user-agent': userAgent };
  // The token is made out to the site's own host; its siblings must not see it.
  const token =
    url.origin === site.origin && tokens && tokens.accessExpiresAt - TOKEN_MARGIN_MS > nowMs ? tokens : null;
  const prefersToken = /\/_api\//i.test(url.pathname) || !hasSession(jar, url);
  if (token && prefersToken) {
    return { headers: { ...agent, authorization: `Bearer ${token.accessToken}` }, bearer: true };
  }
  const cookie = jar.header(url, (name) => !isPassing(name));
  return { headers: cookie === '' ? agent : { ...agent, cookie }, bearer: false };
}

/** `FedAuth=…; rtFa=…`: what other programs put into a Cookie header. Null when there is no session cookie. */
export function cookieLine(url: URL, jar: AccountJar): string | null {
  if (!hasSession(jar, url)) return null;
  const names = ['FedAuth', 'SPOIDCRL', 'EdgeAccessCookie', RT_FA];
  const pairs = names
    .map((name) => [name, jar.value(url, name)] as const)
    .filter(([, value]) => value !== null);
  return pairs.map(([name, value]) => `${name}=${value}`).join('; ');
}
