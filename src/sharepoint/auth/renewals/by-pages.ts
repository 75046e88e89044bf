/**
 * A new session without a person, from the login host's cookies or from rtFa (protocol notes 1g). Works on a copy of
 * the jar: the session at hand stays whole until the new one is there.
 */
import type { AccountJar } from '../account-jar.js';
import type { Attempt, NewSecrets } from '../attempt.js';
import { cookieUrl, FED_AUTH, hasLoginCookies, hasSession, NATIVE, RT_FA } from '../session-cookies.js';
import { walkSignIn } from './page-walk.js';

export async function renewByPages(
  attempt: Attempt,
  jar: AccountJar,
  loginUrl: string | null,
): Promise<NewSecrets> {
  const fresh = withoutSession(jar, attempt.site.hostname);
  // With rtFa the site would not ask the login host, whose cookies live on only by being used.
  const slides = hasLoginCookies(fresh);
  if (slides) fresh.remove(({ name }) => name === RT_FA);
  const foundLoginUrl = await walkSignIn({ attempt, jar: fresh, loginUrl }, cookieUrl(attempt.site));
  if (slides) keepRtFa(jar, fresh, attempt);
  return { jar: fresh, ...(foundLoginUrl === null ? {} : { loginUrl: foundLoginUrl }) };
}

/** A session for another host of the tenant, by rtFa (and the login host where that does not suffice). */
export async function signInToSibling(
  attempt: Attempt,
  jar: AccountJar,
  loginUrl: string | null,
  origin: string,
): Promise<AccountJar> {
  const url = new URL(`${origin}/`);
  const fresh = withoutSession(jar, url.hostname);
  await walkSignIn({ attempt, jar: fresh, loginUrl }, url);
  return hasSession(fresh, url) ? fresh : jar;
}

function withoutSession(jar: AccountJar, hostname: string): AccountJar {
  const fresh = jar.clone();
  fresh.remove(
    ({ name, domain }) =>
      domain === hostname && (name === FED_AUTH || name === NATIVE || /^(nSGt|RpsContextCookie)/i.test(name)),
  );
  return fresh;
}

function keepRtFa(before: AccountJar, fresh: AccountJar, { site }: Attempt): void {
  const url = cookieUrl(site);
  const value = before.value(url, RT_FA);
  if (value === null || fresh.value(url, RT_FA) !== null) return;
  const domain = site.cookieDomain;
  const place = domain === null ? '' : `; Domain=${domain}`;
  fresh.absorb(url, [`${RT_FA}=${value}; Path=/; Secure; HttpOnly${place}`]);
}
