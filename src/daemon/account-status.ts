/** The status of an account, mounted or not. */

import { accountFolders } from './account-folders.js';
import { cacheLimit } from './cache-limit.js';
import type { AccountConfig } from './config.js';
import { askDaemon, NoDaemon } from './control-client.js';
import { mustBeOpen } from './disk-failure.js';
import type { Paths } from './paths.js';
import { openAccountSession } from './sign-in-place.js';
import type { AccountStatus } from './status.js';

const ANSWER_WITHIN_MS = 10_000;

/** What its daemon says; without one, what can be told from its folders. Asks no server. */
export async function accountStatus(account: AccountConfig, paths: Paths): Promise<AccountStatus> {
  try {
    return await askDaemon(
      paths.socket(account.name),
      { command: 'status' },
      { silenceMs: ANSWER_WITHIN_MS },
    );
  } catch (error) {
    if (error instanceof NoDaemon) return statusAtRest(account, paths);
    throw error;
  }
}

async function statusAtRest(account: AccountConfig, paths: Paths): Promise<AccountStatus> {
  const { state, cache } = accountFolders(account, paths);
  mustBeOpen(state);
  const session = await openAccountSession(account, paths);
  const auth = session.status();
  session.close();
  const { owedAtRest } = await import('../spool/index.js');
  return {
    name: account.name,
    site: account.site,
    mountpoint: null,
    pid: null,
    auth,
    network: { state: 'offline', until: null },
    uploads: owedAtRest(state),
    tree: { items: 0, complete: false, changedAt: null, hitRatio: 0 },
    cache: { bytes: 0, limitBytes: cacheLimit(account.options, cache), hitRatio: 0 },
    requests: { total: 0, retried: 0, throttled: 0, failed: 0 },
    quota: null,
  };
}
