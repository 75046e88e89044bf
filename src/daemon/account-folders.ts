/** Where an account keeps what is precious and what may be deleted: the XDG folders, or as it was told. */
import { join } from 'node:path';
import type { AccountConfig } from './config.js';
import { makePrivateFolder, type Paths } from './paths.js';

export interface AccountFolders {
  readonly state: string;
  readonly cache: string;
}

/** In the state folder: the report of `doctor --probe`. */
export const PROBE_FILE = 'probe.json';

/** Nobody should remove what may hold the only copy of something. */
export const GIVEN_BACK = 'have it given back to you (chown), or choose another with state_dir, cache_dir';

type Place = Pick<AccountConfig, 'name' | 'options'>;

/** Makes them when they are missing; refuses what is none, or somebody else's. */
export function accountFolders(account: Place, paths: Paths): AccountFolders {
  const { state, cache } = foldersOf(account, paths);
  return { state: makePrivateFolder(state, GIVEN_BACK), cache: makePrivateFolder(cache, GIVEN_BACK) };
}

/** Where they are to be, whatever is there. */
export function foldersOf({ name, options }: Place, paths: Paths): AccountFolders {
  const { stateFolder, cacheFolder } = options;
  return {
    state: stateFolder === null ? paths.state(name) : join(stateFolder, name),
    cache: cacheFolder === null ? paths.cache(name) : join(cacheFolder, name),
  };
}
