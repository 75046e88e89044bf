/** Which account `odbfs login` is about: a known one, or one that is about to be. */
import { type AccountConfig, checkAccountName, Failure } from '../../daemon/index.js';
import { canonicalSiteUrl, SiteAddress } from '../../sharepoint/index.js';
import { accountNameFor } from '../account-name.js';
import type { CommandContext } from '../command-context.js';
import type { LoginFlags } from './login-flags.js';

export type KnownAccount = Pick<
  AccountConfig,
  | 'name'
  | 'site'
  | 'method'
  | 'username'
  | 'clientId'
  | 'tenant'
  | 'options'
  | 'signInFolder'
  | 'server'
  | 'secrets'
>;

export function target(
  context: CommandContext,
  siteUrl: string | undefined,
  flags: LoginFlags,
): KnownAccount {
  const accounts = context.config.accounts();
  if (siteUrl === undefined) {
    if (accounts.length === 0 && !flags.check)
      throw new Failure('usage', 'there is no account yet: odbfs login SITE-URL, as your browser shows it');
    return context.account(flags.account);
  }
  const site = canonicalAddress(siteUrl, flags.server);
  const chosen = flags.account ?? accountNameFor(site, accounts);
  checkAccountName(chosen);
  const known = accounts.find((account) => account.name === chosen);
  if (known?.site === site) return known;
  if (known !== undefined) {
    throw new Failure('usage', `account ${chosen} is ${known.site}: choose another name with --account`);
  }
  return context.newAccount(chosen, site);
}

/** Refuses what would carry secrets in the clear; trims what the browser shows behind the library. */
function canonicalAddress(siteUrl: string, server: LoginFlags['server']): string {
  const { webUrl } = new SiteAddress(siteUrl);
  return server === 'webdav' ? webUrl : canonicalSiteUrl(siteUrl);
}
