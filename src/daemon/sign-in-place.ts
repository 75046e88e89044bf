/** An account's sign-in: where it is sealed, and as a session in use. */
import type { Log } from '../base/index.js';
import { BasicSession, openSession, parseSiteUrl, type SessionPlaceOptions } from '../sharepoint/index.js';
import { accountFolders } from './account-folders.js';
import type { AccountSignIn } from './account-sign-in.js';
import type { AccountConfig } from './config.js';
import { memoryFolder } from './memory-folder.js';
import type { Paths } from './paths.js';

export type SignInAccount = Pick<
  AccountConfig,
  'name' | 'site' | 'options' | 'signInFolder' | 'server' | 'secrets'
>;

export function signInPlace(account: SignInAccount, paths: Paths, log?: Log): SessionPlaceOptions {
  return {
    siteUrl: account.server === 'webdav' ? account.site : parseSiteUrl(account.site).webUrl.href,
    stateDir: account.secrets === 'memory' ? memoryFolder(account.name, paths) : sealedFolder(account, paths),
    sharedDir: paths.shared,
    ...(log === undefined ? {} : { log }),
  };
}

/** The session as it was left; asks no server. The caller closes it. */
export function openAccountSession(account: SignInAccount, paths: Paths, log?: Log): Promise<AccountSignIn> {
  const place = signInPlace(account, paths, log);
  return account.server === 'webdav' ? BasicSession.open(place) : openSession(place);
}

function sealedFolder(account: SignInAccount, paths: Paths): string {
  const options = { ...account.options, stateFolder: account.signInFolder };
  return accountFolders({ ...account, options }, paths).state;
}
