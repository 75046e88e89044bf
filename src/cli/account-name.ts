/** The name that an account gets when the person gives none. */
import type { AccountConfig } from '../daemon/index.js';

/**
 * The account that has this site already; else the tenant's name (`contoso`), with the site's for team sites
 * (`contoso-marketing`), and a number where that is taken.
 */
export function accountNameFor(siteUrl: string, accounts: readonly AccountConfig[]): string {
  const known = accounts.find((account) => account.site === siteUrl);
  if (known !== undefined) return known.name;
  const plain = plainName(new URL(siteUrl));
  const isTaken = (name: string) => accounts.some((account) => account.name === name);
  if (!isTaken(plain)) return plain;
  let number = 2;
  while (isTaken(`${plain}-${number}`)) number += 1;
  return `${plain}-${number}`;
}

function plainName(url: URL): string {
  const tenant = url.hostname.split('.')[0]!.replace(/-my$/, '');
  const team = /^\/(?:sites|teams)\/([^/]+)/.exec(url.pathname)?.[1];
  const name = [/^\d+$/.test(tenant) ? 'local' : tenant, team].filter((part) => part !== undefined).join('-');
  return decodeURIComponent(name)
    .replace(/[^A-Za-z0-9._-]/g, '-')
    .slice(0, 60);
}
