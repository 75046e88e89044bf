/** Names of hosts, sites and pages as sign-in compares and writes them. */
import type { HostRole, Hosts } from '../hosts.js';
import type { StandinRequest } from '../request.js';
import { decodedPath } from './escape.js';

type Asked = Pick<StandinRequest, 'host' | 'secure'>;

/**
 * What identifies a logical host in tickets: its DNS name, or, where clients come by address, its role. Scheme and port
 * do not matter, as tokens of the service never carry them.
 */
export function hostKey(hosts: Hosts, role: HostRole, asked: Asked): string {
  return hosts.cookieDomainOf(asked) === null ? `~${role}` : hostname(asked.host);
}

/** The key of the SharePoint host that `url` points at, or null if it is no URL or no such host. */
export function hostKeyOfUrl(hosts: Hosts, url: string): string | null {
  const parsed = parseUrl(url);
  if (parsed === null) return null;
  const { role } = hosts.resolve(parsed.host, parsed.pathname);
  if (role === 'login' || role === 'adfs') return null;
  const asked = { host: parsed.host, secure: parsed.protocol === 'https:' };
  if (hosts.cookieDomainOf(asked) !== null && !hostname(parsed.host).includes('.sharepoint.')) return null;
  return hostKey(hosts, role, asked);
}

export function parseUrl(url: string): URL | null {
  try {
    return new URL(url);
  } catch {
    return null;
  }
}

/** The path under which the client reaches the root of this host: empty, or the role's prefix (`/~root`). */
export function pathPrefix(hosts: Hosts, request: StandinRequest): string {
  return new URL(hosts.originOf(request.role, request)).pathname.replace(/\/$/, '');
}

/** The origin under which the client reaches the host that it asked. */
export function ownOrigin(hosts: Hosts, request: StandinRequest): string {
  return hosts.originOf(request.role, request);
}

/** `/personal/user_contoso_com` or `/sites/team`, else empty: the site that a path lies in. */
export function siteOfPath(path: string): string {
  return /^\/(?:personal|sites|teams)\/[^/]+/i.exec(path)?.[0] ?? '';
}

/** For comparing: decoded, lower case. */
export function plainPath(request: StandinRequest): string {
  return decodedPath(request.path).toLowerCase();
}

function hostname(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, '');
}
