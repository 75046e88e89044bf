/**
 * What to make of cookies that the server sets in passing: a session that lives longer is taken; anything that would
 * end or shorten the one at hand is not, as it may belong to an answer that is late.
 */
import type { AccountJar } from '../account-jar.js';
import { readFedAuth } from '../fed-auth.js';
import { cookieUrl, FED_AUTH, isSessionCookie, RT_FA, sessionExpiry } from '../session-cookies.js';
import type { SiteAddress } from '../site-address.js';

export interface AbsorbInto {
  readonly jar: AccountJar;
  readonly site: SiteAddress;
  readonly nowMs: number;
  readonly skewMs: number;
}

export type Absorbed = 'nothing' | { readonly jar: AccountJar; readonly expiresAt: number | null };

export function absorbCookies(into: AbsorbInto, url: URL, setCookies: readonly string[]): Absorbed {
  const session = setCookies.filter(
    (line) => isSessionCookie(cookieNameOf(line)) || cookieNameOf(line) === RT_FA,
  );
  into.jar.absorb(
    url,
    setCookies.filter((line) => !session.includes(line)),
  );
  const better = session.filter((line) => cookieNameOf(line) === FED_AUTH && livesLonger(into, url, line));
  if (better.length === 0) return 'nothing';
  const jar = into.jar.clone();
  jar.absorb(url, better);
  return { jar, expiresAt: sessionExpiry(jar, cookieUrl(into.site), into.skewMs) };
}

function livesLonger({ jar }: AbsorbInto, url: URL, line: string): boolean {
  const offered = readFedAuth(cookieValueOf(line))?.expiresAt ?? null;
  const held = readFedAuth(jar.value(url, FED_AUTH) ?? '')?.expiresAt ?? null;
  return offered !== null && held !== null && offered > held;
}

function cookieNameOf(setCookie: string): string {
  return setCookie.slice(0, Math.max(setCookie.indexOf('='), 0)).trim();
}

function cookieValueOf(setCookie: string): string {
  return setCookie
    .slice(setCookie.indexOf('=') + 1)
    .split(';')[0]!
    .trim();
}
