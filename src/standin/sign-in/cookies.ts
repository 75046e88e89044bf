/** Reading the Cookie header and writing Set-Cookie, as bytes go: values are never encoded or decoded. */
import type { StandinRequest } from '../request.js';

export interface CookieOptions {
  readonly path?: string;
  readonly domain?: string | null;
  /** Absent: a cookie that ends with the browser's session. */
  readonly expiresAtMs?: number | undefined;
}

/** Every value of that name, in the order sent: the most specific path first. */
export function cookieValues(request: StandinRequest, name: string): string[] {
  return allCookies(request)
    .filter(([found]) => found === name)
    .map(([, value]) => value);
}

export function allCookies(request: StandinRequest): [string, string][] {
  const header = request.headers.cookie ?? '';
  return header.split(';').flatMap((pair): [string, string][] => {
    const at = pair.indexOf('=');
    return at < 0 ? [] : [[pair.slice(0, at).trim(), pair.slice(at + 1).trim()]];
  });
}

/** All cookies of the service are secure, HttpOnly, and sent across sites (protocol notes 1d). */
export function setCookie(name: string, value: string, options: CookieOptions = {}): string {
  const domain = options.domain ? `; domain=${options.domain}` : '';
  const expires =
    options.expiresAtMs === undefined ? '' : `; expires=${new Date(options.expiresAtMs).toUTCString()}`;
  return `${name}=${value}${domain}${expires}; path=${options.path ?? '/'}; SameSite=None; secure; HttpOnly`;
}

export function deleteCookie(name: string, options: CookieOptions = {}): string {
  return setCookie(name, '', { ...options, expiresAtMs: 0 });
}
