/**
 * The logical hosts of the tenant, all on one port. A request names its host by the Host header
 * (`login.microsoftonline.test`, `contoso-my.sharepoint.test`, `contoso.sharepoint.test`, `adfs.contoso.test`, with any
 * top-level domain), or, when it came to a bare address or `localhost`, by a path prefix: `/~login`, `/~adfs`, `/~root`,
 * none for the host of personal sites. So a client without any name resolution can walk through a whole sign-in.
 */
import type { StandinRequest } from './request.js';

export type HostRole = 'login' | 'adfs' | 'my' | 'root';

const PREFIXES: Readonly<Record<HostRole, string>> = {
  login: '/~login',
  adfs: '/~adfs',
  root: '/~root',
  my: '',
};

type Asked = Pick<StandinRequest, 'host' | 'secure'>;

export class Hosts {
  readonly tenant: string;

  constructor(tenant: string) {
    this.tenant = tenant;
  }

  /** Which logical host a request meant, and its path on that host. */
  resolve(host: string, path: string): { readonly role: HostRole; readonly path: string } {
    const name = hostname(host);
    if (!isAddressed(name)) return { role: this.#roleOfName(name), path };
    for (const role of ['login', 'adfs', 'root'] as const) {
      const prefix = PREFIXES[role];
      if (path === prefix) return { role, path: '/' };
      if (path.startsWith(`${prefix}/`)) return { role, path: path.slice(prefix.length) };
    }
    return { role: 'my', path };
  }

  /**
   * The URL, without a trailing slash, under which the client that sent `asked` reaches `role`: what to put in
   * redirects, hrefs and tokens. In the addressed case it ends with the role's path prefix.
   */
  originOf(role: HostRole, asked: Asked): string {
    const scheme = asked.secure ? 'https' : 'http';
    const name = hostname(asked.host);
    if (isAddressed(name)) return `${scheme}://${asked.host}${PREFIXES[role]}`;
    const port = asked.host.slice(name.length);
    return `${scheme}://${this.nameOf(role, name.slice(name.lastIndexOf('.') + 1))}${port}`;
  }

  /** The DNS name of a role below a top-level domain, `nameOf('my', 'test')` is `contoso-my.sharepoint.test`. */
  nameOf(role: HostRole, topLevel: string): string {
    switch (role) {
      case 'login':
        return `login.microsoftonline.${topLevel}`;
      case 'adfs':
        return `adfs.${this.tenant}.${topLevel}`;
      case 'my':
        return `${this.tenant}-my.sharepoint.${topLevel}`;
      case 'root':
        return `${this.tenant}.sharepoint.${topLevel}`;
    }
  }

  /** The domain that rtFa is set for (`sharepoint.test`), or null where only host cookies are possible. */
  cookieDomainOf(asked: Asked): string | null {
    const name = hostname(asked.host);
    if (isAddressed(name)) return null;
    return `sharepoint.${name.slice(name.lastIndexOf('.') + 1)}`;
  }

  #roleOfName(name: string): HostRole {
    if (name.startsWith('login.') || name.startsWith('login-')) return 'login';
    if (name.startsWith('adfs.') || name.startsWith('sts.')) return 'adfs';
    return name.startsWith(`${this.tenant}.`) ? 'root' : 'my';
  }
}

/** The host without its port; brackets of IPv6 stay. */
function hostname(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, '');
}

function isAddressed(name: string): boolean {
  return (
    name === '' ||
    name === 'localhost' ||
    name.startsWith('[') ||
    /^[\d.]+$/.test(name) ||
    !name.includes('.')
  );
}
