/**
 * Where an account's site is, and which hosts are its own: only those may ever see its cookies or tokens. Addresses are
 * https; plain http is for loopback alone, where the stand-in lives.
 */
import { cloudOf } from './clouds.js';
import { SignInError } from './sign-in-error.js';

export class SiteAddress {
  /** The web, without a trailing slash: `https://contoso-my.sharepoint.com/personal/user_contoso_com`. */
  readonly webUrl: string;
  readonly origin: string;
  /** The root of the SharePoint host, without a trailing slash: the origin, but for a server below a path. */
  readonly rootUrl: string;
  readonly hostname: string;
  readonly #tenant: string | null;
  readonly #domain: string | null;

  constructor(siteUrl: string) {
    const url = parse(siteUrl);
    this.origin = url.origin;
    this.hostname = url.hostname;
    const { root, web } = pathsOf(url.pathname);
    this.rootUrl = `${url.origin}${root}`;
    this.webUrl = `${url.origin}${web}`;
    const match = /^([^.]+?)(?:-my|-admin)?\.(sharepoint[^.]*\.[^.]+)$/.exec(url.hostname);
    this.#tenant = match?.[1] ?? null;
    this.#domain = match?.[2] ?? null;
  }

  /** Whether a request to `url` may carry the account's secrets: the same host, or a sibling host of the tenant. */
  owns(url: URL): boolean {
    if (url.origin === this.origin) return true;
    return this.isSibling(url);
  }

  /** One person's OneDrive, as opposed to a site that many share. */
  get isPersonal(): boolean {
    return /\/personal\/[^/]+$/i.test(this.webUrl);
  }

  /** `contoso.sharepoint.com` for `contoso-my.sharepoint.com`: same tenant, other host, same scheme and port. */
  isSibling(url: URL): boolean {
    const own = new URL(this.origin);
    if (url.protocol !== own.protocol || url.port !== own.port || url.hostname === this.hostname)
      return false;
    return this.siblingHosts.includes(url.hostname);
  }

  get siblingHosts(): string[] {
    if (this.#tenant === null || this.#domain === null) return [];
    const names = [`${this.#tenant}.${this.#domain}`, `${this.#tenant}-my.${this.#domain}`];
    return names.filter((name) => name !== this.hostname);
  }

  /** The domain that all hosts of the tenant share (`sharepoint.com`), or null on a server of somebody's own. */
  get cookieDomain(): string | null {
    return this.#domain;
  }

  /** Whether cookies of `hostname` are cookies of a SharePoint host of this tenant. */
  isOwnHost(hostname: string): boolean {
    const bare = hostname.replace(/^\./, '').toLowerCase();
    return bare === this.hostname || bare === this.#domain || this.siblingHosts.includes(bare);
  }

  /** The login host's base URL from the table of clouds, or null where only the site itself can tell. */
  get knownLoginUrl(): string | null {
    const cloud = cloudOf(this.hostname);
    return cloud ? `https://${cloud.loginHosts[0]}` : null;
  }
}

/** Refuses what would carry secrets in the clear. */
export function assertSafe(url: URL): void {
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return;
  throw new SignInError(
    'bad-input',
    `${url.protocol}//${url.host} is not encrypted: the address must start with https://`,
  );
}

export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}

function parse(siteUrl: string): URL {
  let url: URL;
  try {
    url = new URL(siteUrl.includes('://') ? siteUrl : `https://${siteUrl}`);
  } catch (cause) {
    throw new SignInError('bad-input', 'the site address is not a URL: copy it from the browser', { cause });
  }
  assertSafe(url);
  assertMeant(siteUrl, url);
  return url;
}

/** A word is no address: one label is a host's name only where somebody writes it as a URL, as for a server at home. */
function assertMeant(siteUrl: string, { hostname }: URL): void {
  if (siteUrl.includes('://') || hostname.includes('.') || isLoopback(hostname)) return;
  throw new SignInError('bad-input', `${hostname} is not the address of a site: copy it from the browser`);
}

/** Cuts what the browser shows behind the web: pages, forms, the library's folders. */
function pathsOf(pathname: string): { readonly root: string; readonly web: string } {
  const path = pathname.replace(/\/(_layouts|_api|_forms|_vti_bin)(\/.*)?$/i, '').replace(/\/+$/, '');
  const managed = /^(.*?)\/(?:personal|sites|teams)\/[^/]+/i.exec(path);
  if (managed) return { root: managed[1]!, web: managed[0] };
  return { root: '', web: path.replace(/\/[^/]*\.aspx$/i, '') };
}
