/**
 * The cookies of one account: SharePoint's and the login host's. Gives to a URL what belongs to it and nothing else, by
 * the rules of RFC 6265, and never over plain http. Expiry follows the clock that it is given, not the machine's.
 * Saving it, and deciding who may ask, are left to others.
 */
import { Cookie, CookieJar, pathMatch } from 'tough-cookie';
import type { Clock } from '../../base/index.js';

/** As `serialize` gives it: JSON, to be sealed. */
export type SerializedJar = ReturnType<CookieJar['serializeSync']>;

/** A cookie as an import or a browser gives it. */
export interface PlainCookie {
  readonly name: string;
  readonly value: string;
  /** With or without a leading dot. */
  readonly domain: string;
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  /** Milliseconds since 1970, or null for a cookie of the session. */
  readonly expiresAt: number | null;
}

/** More cookies than this are refused: a server that sets a new name each time must not grow the sealed file. */
const MAX_COOKIES = 200;
/** Hosts whose cookies are remembered until any cookie changes. */
const MAX_HOSTS = 16;

const JAR_OPTIONS = {
  allowSpecialUseDomain: true,
  rejectPublicSuffixes: true,
  prefixSecurity: 'silent',
} as const;

export class AccountJar {
  readonly #jar: CookieJar;
  readonly #clock: Clock;
  /** What goes to a host, on whatever path, ended or not: finding it again for each request costs as much as sending some. */
  readonly #ofHost = new Map<string, readonly Cookie[]>();

  constructor(clock: Clock, serialized: SerializedJar | null = null) {
    this.#clock = clock;
    this.#jar = serialized ? CookieJar.deserializeSync(serialized) : new CookieJar(undefined, JAR_OPTIONS);
  }

  /** The value of the Cookie header for `url`, or an empty string. */
  header(url: URL, allow: (name: string) => boolean = () => true): string {
    return this.#matching(url)
      .filter((cookie) => allow(cookie.key))
      .map((cookie) => cookie.cookieString())
      .join('; ');
  }

  /** The value that `url` would get for `name`. */
  value(url: URL, name: string): string | null {
    return this.#matching(url).find((cookie) => cookie.key === name)?.value ?? null;
  }

  /** When that cookie ends; null when it is absent or ends with the session. */
  expiryOf(url: URL, name: string): number | null {
    const expires = this.#matching(url).find((cookie) => cookie.key === name)?.expires;
    return expires instanceof Date ? expires.getTime() : null;
  }

  /** Takes the values of Set-Cookie headers; what the rules forbid (a foreign domain) is dropped without a word. */
  absorb(url: URL, setCookies: readonly string[]): void {
    for (const setCookie of setCookies) {
      if (this.size >= MAX_COOKIES) this.#sweep();
      if (this.size >= MAX_COOKIES) return;
      const cookie = datedCookie(setCookie, this.#clock.now());
      if (cookie) this.#jar.setCookieSync(cookie, url.href, { ignoreError: true });
      this.#ofHost.clear();
    }
  }

  put(cookie: PlainCookie): void {
    const host = cookie.domain.replace(/^\./, '');
    const attributes = [
      `${cookie.name}=${cookie.value}`,
      `Path=${cookie.path}`,
      ...(cookie.hostOnly ? [] : [`Domain=${host}`]),
      ...(cookie.secure ? ['Secure'] : []),
      ...(cookie.httpOnly ? ['HttpOnly'] : []),
      ...(cookie.expiresAt === null ? [] : [`Expires=${new Date(cookie.expiresAt).toUTCString()}`]),
    ];
    const scheme = cookie.secure || !/^(127\.|localhost$)/.test(host) ? 'https' : 'http';
    this.absorb(new URL(`${scheme}://${host}${cookie.path}`), [attributes.join('; ')]);
  }

  remove(matches: (cookie: Pick<PlainCookie, 'name' | 'domain'>) => boolean): void {
    this.#drop((cookie) => matches({ name: cookie.key, domain: cookie.domain ?? '' }));
  }

  has(matches: (name: string) => boolean): boolean {
    const nowMs = this.#clock.now();
    return this.#cookies().some((cookie) => isAlive(cookie, nowMs) && matches(cookie.key));
  }

  /** Counts those that have ended since, too. */
  everHad(matches: (name: string) => boolean): boolean {
    return this.#cookies().some((cookie) => matches(cookie.key));
  }

  get size(): number {
    return this.#cookies().length;
  }

  /** An independent copy: an attempt works on its own and is adopted whole, or not at all. */
  clone(): AccountJar {
    return new AccountJar(this.#clock, this.serialize());
  }

  serialize(): SerializedJar {
    return this.#jar.serializeSync();
  }

  /** Whatever is secret here, for a test that looks for it elsewhere. */
  get values(): string[] {
    return this.#cookies().map((cookie) => cookie.value);
  }

  #matching(url: URL): Cookie[] {
    const nowMs = this.#clock.now();
    return this.#allOf(url).filter(
      (cookie) => pathMatch(url.pathname, cookie.path ?? '/') && isAlive(cookie, nowMs),
    );
  }

  #allOf(url: URL): readonly Cookie[] {
    const known = this.#ofHost.get(url.origin);
    if (known !== undefined) return known;
    if (this.#ofHost.size >= MAX_HOSTS) this.#ofHost.clear();
    const cookies = this.#jar.getCookiesSync(url.href, { expire: false, allPaths: true });
    this.#ofHost.set(url.origin, cookies);
    return cookies;
  }

  #cookies(): Cookie[] {
    const all: Cookie[] = [];
    // The jar's memory store calls back before it returns.
    this.#jar.store.getAllCookies((_error, cookies) => all.push(...(cookies ?? [])));
    return all;
  }

  #drop(matches: (cookie: Cookie) => boolean): void {
    this.#ofHost.clear();
    for (const cookie of this.#cookies().filter(matches)) {
      this.#jar.store.removeCookie(cookie.domain, cookie.path, cookie.key, () => undefined);
    }
  }

  #sweep(): void {
    const nowMs = this.#clock.now();
    this.#drop((cookie) => !isAlive(cookie, nowMs));
  }
}

/** Max-Age counts from now on our clock; kept as a date, because the jar forgets when a cookie was set again. */
function datedCookie(setCookie: string, nowMs: number): Cookie | undefined {
  const cookie = Cookie.parse(setCookie);
  if (!cookie || cookie.maxAge === null) return cookie;
  cookie.expires = new Date(typeof cookie.maxAge === 'number' ? nowMs + cookie.maxAge * 1000 : 0);
  cookie.maxAge = null;
  return cookie;
}

function isAlive(cookie: Cookie, nowMs: number): boolean {
  return !(cookie.expires instanceof Date) || cookie.expires.getTime() > nowMs;
}
