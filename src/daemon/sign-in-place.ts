/** An account's sign-in: where it is sealed, and as a session in use. */
import type { Log } from '../base/index.js';
import { type AccountSession, openSession, type SessionPlaceOptions } from '../sharepoint/index.js';
import { accountFolders } from './account-folders.js';
import type { AccountConfig } from './config.js';
import type { Paths } from './paths.js';

export function signInPlace(
  account: Pick<AccountConfig, 'name' | 'site' | 'options'>,
  paths: Paths,
  log?: Log,
): SessionPlaceOptions {
  return {
    siteUrl: account.site,
    stateDir: accountFolders(account, paths).state,
    ...(log === undefined ? {} : { log }),
  };
}

/** The session as it was left; asks no server. The caller closes it. */
export function openAccountSession(
  account: Pick<AccountConfig, 'name' | 'site' | 'options'>,
  paths: Paths,
  log?: Log,
): Promise<AccountSession> {
  return openSession(signInPlace(account, paths, log));
}
