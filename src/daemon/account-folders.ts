/** Where an account keeps what is precious and what may be deleted: the XDG folders, or as it was told. */
import { join } from 'node:path';
import type { AccountConfig } from './config.js';
import { makePrivateFolder, type Paths } from './paths.js';

export interface AccountFolders {
  readonly state: string;
  readonly cache: string;
}

/** Nobody should remove what may hold the only copy of something. */
const FIX = 'have it given back to you (chown), or choose another with state_dir, cache_dir';

/** Makes them when they are missing. */
export function accountFolders(
  account: Pick<AccountConfig, 'name' | 'options'>,
  paths: Paths,
): AccountFolders {
  const { stateFolder, cacheFolder } = account.options;
  return {
    state: makePrivateFolder(
      stateFolder === null ? paths.state(account.name) : join(stateFolder, account.name),
      FIX,
    ),
    cache: makePrivateFolder(
      cacheFolder === null ? paths.cache(account.name) : join(cacheFolder, account.name),
      FIX,
    ),
  };
}
