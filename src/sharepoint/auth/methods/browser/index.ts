/** Sign-in in a real browser: whatever the tenant asks for, the person answers there (protocol notes 1g). */
import type { Cookie } from 'puppeteer-core';
import { AccountJar, type PlainCookie } from '../../account-jar.js';
import type { Attempt, NewSecrets } from '../../attempt.js';
import { cloudOf } from '../../clouds.js';
import { cookieUrl, hasSession, isPassing } from '../../session-cookies.js';
import { SignInError } from '../../sign-in-error.js';
import type { SiteAddress } from '../../site-address.js';
import { signInWindow, type WindowOptions } from './browser-window.js';
import { findBrowser } from './find-browser.js';
import { withPrivateProfile } from './private-profile.js';

export interface BrowserOptions extends WindowOptions {
  /** A name on the PATH or a whole path; default: the first that is installed. */
  readonly browser?: string;
}

export interface BrowserPlace {
  readonly attempt: Attempt;
  readonly stateDir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly tell: (line: string) => void;
}

export async function secretsByBrowser(place: BrowserPlace, options: BrowserOptions): Promise<NewSecrets> {
  const { attempt, environment, stateDir } = place;
  assertDisplay(environment, options);
  const browser = await findBrowser(options.browser, environment);
  place.tell(`Sign in in the window of ${browser.executablePath}; answer "Stay signed in?" with Yes`);
  return withPrivateProfile(browser, stateDir, async (profileDir) => {
    const { site, clock, signal } = attempt;
    const signedIn = await signInWindow({ browser, profileDir, site, clock, signal }, options);
    const jar = taken(signedIn.cookies, attempt, signedIn.loginUrl);
    const loginUrl = site.knownLoginUrl ?? signedIn.loginUrl;
    return { jar, madeBy: signedIn.userAgent, ...(loginUrl === null ? {} : { loginUrl }) };
  });
}

function assertDisplay(environment: BrowserPlace['environment'], { headless }: BrowserOptions): void {
  if (headless || environment.DISPLAY || environment.WAYLAND_DISPLAY) return;
  throw new SignInError(
    'unavailable',
    'no display to open a browser on: use "--method device --client-id ID", or "--method cookies" with cookies from a browser elsewhere',
  );
}

/** The cookies of the SharePoint hosts and of the login host; the window's others are nobody's business. */
function taken(cookies: readonly Cookie[], { site, clock }: Attempt, loginUrl: string | null): AccountJar {
  const jar = new AccountJar(clock);
  const loginHosts = loginHostsOf(site, loginUrl);
  for (const cookie of cookies) {
    const host = cookie.domain.replace(/^\./, '');
    const isLogin = loginHosts.some((name) => name === host || name.endsWith(`.${host}`));
    const isOwn = site.isOwnHost(host) && (!isPassing(cookie.name) || loginHosts.includes(host));
    if (isLogin || isOwn) jar.put(plain(cookie));
  }
  if (hasSession(jar, cookieUrl(site))) return jar;
  throw new SignInError(
    'protocol',
    'the browser kept the session cookie to itself: try another browser, or "--method cookies"',
  );
}

function loginHostsOf(site: SiteAddress, loginUrl: string | null): readonly string[] {
  const known = cloudOf(site.hostname)?.loginHosts;
  if (known) return known;
  return loginUrl === null ? [] : [new URL(loginUrl).hostname];
}

function plain(cookie: Cookie): PlainCookie {
  return {
    name: cookie.name,
    value: cookie.value,
    domain: cookie.domain,
    hostOnly: !cookie.domain.startsWith('.'),
    path: cookie.path,
    secure: cookie.secure,
    httpOnly: cookie.httpOnly ?? true,
    expiresAt: cookie.expires > 0 ? cookie.expires * 1000 : null,
  };
}
