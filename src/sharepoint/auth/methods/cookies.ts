/**
 * Sign-in by cookies that a person brings: `cookies.txt`, a JSON export, or a pasted `Cookie:` header. Only cookies of
 * this tenant's SharePoint hosts and of its login host are taken; all others are not even looked at.
 */
import { AccountJar, type PlainCookie } from '../account-jar.js';
import type { Attempt, NewSecrets } from '../attempt.js';
import { cloudOf } from '../clouds.js';
import { parseCookieHeader } from '../cookie-import/cookie-header.js';
import { looksLikeJson, parseJsonExport } from '../cookie-import/json-export.js';
import { looksLikeNetscape, parseNetscape } from '../cookie-import/netscape.js';
import {
  cookieUrl,
  hasLoginCookies,
  hasSession,
  isPassing,
  RT_FA,
  sessionExpiry,
} from '../session-cookies.js';
import { SignInError } from '../sign-in-error.js';
import type { SiteAddress } from '../site-address.js';

/** The largest export that is read; a browser's whole store is smaller. */
export const MAX_IMPORT_BYTES = 4 * 1024 * 1024;

/** Null secrets mean: nothing that signs in by itself, but something that a silent renewal can start from. */
export function importCookies(
  { site, clock }: Pick<Attempt, 'site' | 'clock'>,
  text: string,
  loginUrl: string | null,
): NewSecrets & { readonly complete: boolean } {
  if (text.length > MAX_IMPORT_BYTES)
    throw bad('that is more than 4 MiB: export the cookies of the site only');
  const found = readAny(text, site);
  const jar = new AccountJar(clock);
  for (const cookie of found) if (isWanted(cookie, site, loginUrl)) jar.put(checked(cookie));
  const url = cookieUrl(site);
  const renewable = hasLoginCookies(jar) || jar.value(url, RT_FA) !== null;
  if (!hasSession(jar, url) && !renewable) {
    throw bad(
      `no FedAuth cookie for ${site.hostname} among the ${found.length} that were given: open the site in a browser, sign in, and export again`,
    );
  }
  const expiresAt = sessionExpiry(jar, url, 0);
  const ended = expiresAt !== null && expiresAt <= clock.now();
  if (ended && !renewable) {
    throw bad(
      `these cookies ended at ${new Date(expiresAt).toISOString()}: open the site in a browser and export again`,
    );
  }
  return { jar, complete: hasSession(jar, url) && !ended };
}

function readAny(text: string, site: SiteAddress): PlainCookie[] {
  if (looksLikeJson(text)) {
    const cookies = parseJsonExport(text);
    if (cookies) return cookies.map((cookie) => (cookie.domain === '' ? unplaced(cookie, site) : cookie));
    throw bad('that looks like JSON, but not like an export of cookies');
  }
  if (looksLikeNetscape(text)) return parseNetscape(text);
  const pairs = parseCookieHeader(text);
  if (pairs.length === 0)
    throw bad('no cookies in that: give a cookies.txt, a JSON export or a Cookie header');
  return pairs.map((pair) => unplaced(pair, site));
}

/** Of no stated domain: rtFa is the tenant's, all else the host's (protocol notes 1d). */
function unplaced({ name, value }: Pick<PlainCookie, 'name' | 'value'>, site: SiteAddress): PlainCookie {
  const shared = name === RT_FA ? site.cookieDomain : null;
  return {
    name,
    value,
    domain: shared ?? site.hostname,
    hostOnly: shared === null,
    path: '/',
    secure: true,
    httpOnly: true,
    expiresAt: null,
  };
}

function isWanted(cookie: PlainCookie, site: SiteAddress, loginUrl: string | null): boolean {
  const host = cookie.domain.replace(/^\./, '').toLowerCase();
  if (site.isOwnHost(host)) return !isPassing(cookie.name) || loginUrl?.startsWith(site.origin) === true;
  const known = cloudOf(site.hostname)?.loginHosts ?? [];
  return known.includes(host) || (loginUrl !== null && new URL(loginUrl).hostname === host);
}

function checked(cookie: PlainCookie): PlainCookie {
  if (/[^\x21-\x7e]|;/.test(cookie.value)) {
    throw bad(`the cookie ${cookie.name} holds characters that no cookie has: copy it again`);
  }
  return cookie;
}

function bad(message: string): SignInError {
  return new SignInError('bad-input', message);
}
