/**
 * An account's sign-in: where it is sealed, and as a session in use. What knows sign-ins is loaded when one is needed, so
 * that a command that only asks the daemon starts without it.
 */
import type { Log } from '../base/index.js';
import type { SessionPlaceOptions } from '../sharepoint/index.js';
import { accountFolders } from './account-folders.js';
import type { AccountSignIn } from './account-sign-in.js';
import type { AccountConfig } from './config.js';
import { memoryFolder } from './memory-folder.js';
import type { Paths } from './paths.js';

export type SignInAccount = Pick<
  AccountConfig,
  'name' | 'site' | 'options' | 'signInFolder' | 'server' | 'secrets'
>;

export async function signInPlace(
  account: SignInAccount,
  paths: Paths,
  log?: Log,
): Promise<SessionPlaceOptions> {
  const { parseSiteUrl } = await import('../sharepoint/index.js');
  return {
    siteUrl: account.server === 'webdav' ? account.site : parseSiteUrl(account.site).webUrl.href,
    stateDir: signInFolder(account, paths),
    sharedDir: paths.shared,
    ...(log === undefined ? {} : { log }),
  };
}

/** The session as it was left; asks no server. The caller closes it. */
export async function openAccountSession(
  account: SignInAccount,
  paths: Paths,
  log?: Log,
): Promise<AccountSignIn> {
  const { BasicSession, openSession } = await import('../sharepoint/index.js');
  const place = await signInPlace(account, paths, log);
  return account.server === 'webdav' ? BasicSession.open(place) : openSession(place);
}

/** Where it is kept. */
export function signInFolder(account: SignInAccount, paths: Paths): string {
  if (account.secrets === 'memory') return memoryFolder(account.name, paths);
  const options = { ...account.options, stateFolder: account.signInFolder };
  return accountFolders({ ...account, options }, paths).state;
}
