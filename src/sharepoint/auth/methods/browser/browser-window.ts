/**
 * One browser window under our eyes: opens the site, watches until the person has signed in there, and hands over the
 * cookies. Types and clicks nothing itself. The automation protocol runs over a pipe where the browser can do that, so
 * that nobody else on the machine can join in.
 */
import type { Browser, Cookie, Page } from 'puppeteer-core';
import type { Clock } from '../../../../base/index.js';
import { loginBaseOf } from '../../login-base.js';
import { SignInError } from '../../sign-in-error.js';
import type { SiteAddress } from '../../site-address.js';
import type { InstalledBrowser } from './find-browser.js';

export interface WindowOptions {
  readonly headless?: boolean;
  /** More arguments for the browser. */
  readonly args?: readonly string[];
  /** Called once with the page; a test plays the person here. */
  readonly onPage?: (page: Page) => Promise<void>;
}

export interface SignedInWindow {
  readonly cookies: readonly Cookie[];
  readonly userAgent: string;
  /** The login host's base, as the navigation showed it. */
  readonly loginUrl: string | null;
}

export interface WindowPlace {
  readonly browser: InstalledBrowser;
  readonly profileDir: string;
  readonly site: SiteAddress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const LAUNCH_TIMEOUT_MS = 60_000;
const PERSON_TIMEOUT_MS = 15 * 60_000;
const LOOK_EVERY_MS = 400;

export async function signInWindow(place: WindowPlace, options: WindowOptions): Promise<SignedInWindow> {
  const browser = await launch(place, options);
  ignoreBrokenPipes(browser);
  const close = () => void browser.close().catch(() => undefined);
  place.signal.addEventListener('abort', close, { once: true });
  try {
    return await watch(browser, place, options);
  } catch (error) {
    place.signal.throwIfAborted();
    if (error instanceof SignInError || browser.connected) throw error;
    throw windowClosed();
  } finally {
    place.signal.removeEventListener('abort', close);
    await browser.close().catch(() => undefined);
  }
}

async function launch(place: WindowPlace, options: WindowOptions): Promise<Browser> {
  const { launch: start } = await import('puppeteer-core');
  const { kind, executablePath } = place.browser;
  try {
    return await start({
      browser: kind,
      executablePath,
      userDataDir: place.profileDir,
      headless: options.headless ?? false,
      pipe: kind === 'chrome',
      defaultViewport: null,
      timeout: LAUNCH_TIMEOUT_MS,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      args: [...argumentsFor(kind), ...(options.args ?? [])],
    });
  } catch (cause) {
    throw new SignInError(
      'unavailable',
      `${executablePath} does not start: use another browser, "--method device" or "--method cookies"`,
      { cause },
    );
  }
}

/** A browser that goes away breaks the pipes to it, at a moment when its driver has stopped listening for that. */
function ignoreBrokenPipes(browser: Browser): void {
  for (const pipe of browser.process()?.stdio ?? []) pipe?.on('error', () => undefined);
}

function argumentsFor(kind: InstalledBrowser['kind']): string[] {
  if (kind === 'firefox') return [];
  const always = ['--no-first-run', '--no-default-browser-check', '--password-store=basic', '--disable-sync'];
  // Chromium's sandbox can't be had as root; nobody but containers and tests signs in as root.
  return process.getuid?.() === 0 ? [...always, '--no-sandbox'] : always;
}

async function watch(browser: Browser, place: WindowPlace, options: WindowOptions): Promise<SignedInWindow> {
  const { site, clock, signal } = place;
  const page = (await browser.pages())[0] ?? (await browser.newPage());
  let loginUrl: string | null = null;
  page.on('request', (request) => {
    if (URL.canParse(request.url())) loginUrl = loginBaseOf(new URL(request.url())) ?? loginUrl;
  });
  const userAgent = await browser.userAgent();
  // A page that does not load (proxy, captive portal) is for the person to see, not a failure.
  page.goto(`${site.webUrl}/`, { waitUntil: 'domcontentloaded', timeout: 0 }).catch(() => undefined);
  const acting = options.onPage?.(page);
  acting?.catch(() => undefined);
  const endsAt = clock.monotonic() + PERSON_TIMEOUT_MS;
  while (clock.monotonic() < endsAt) {
    if (!browser.connected || (await browser.pages()).length === 0) throw windowClosed();
    const cookies = await browser.cookies();
    if (await isThere(browser, cookies, site)) return { cookies, userAgent, loginUrl };
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
  throw new SignInError('declined', 'nobody signed in within fifteen minutes: run "odbfs login" again');
}

/** The site has set its cookie and shows a page of its own, not one on the way. */
async function isThere(browser: Browser, cookies: readonly Cookie[], site: SiteAddress): Promise<boolean> {
  if (!cookies.some(({ name, domain }) => name === 'FedAuth' && domain.replace(/^\./, '') === site.hostname))
    return false;
  const urls = (await browser.pages()).map((page) => page.url());
  return urls.some((url) => URL.canParse(url) && isSitePage(new URL(url), site));
}

function isSitePage(url: URL, site: SiteAddress): boolean {
  return url.origin === site.origin && !/\/(_forms|_trust|_login)\/|Authenticate\.aspx/i.test(url.pathname);
}

function windowClosed(): SignInError {
  return new SignInError(
    'declined',
    'the browser window was closed before the site was reached: run "odbfs login" again',
  );
}
