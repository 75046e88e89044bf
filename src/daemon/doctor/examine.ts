/** All that `odbfs doctor` looks at. */
import { foldersOf } from '../account-folders.js';
import type { AccountConfig } from '../config.js';
import { isForeign, type Paths } from '../paths.js';
import { openAccountSession } from '../sign-in-place.js';
import { diskChecks, mountChecks } from './disk-checks.js';
import type { Finding } from './finding.js';
import { machineChecks } from './machine-checks.js';
import { serverChecks } from './server-checks.js';

/** Without an account only the machine is looked at. Findings come as they are made. */
export async function* examine(
  account: AccountConfig | null,
  paths: Paths,
  signal: AbortSignal,
): AsyncIterable<Finding> {
  yield* await machineChecks(account?.options.allowOther ?? false);
  yield* await mountChecks(paths);
  if (account === null) return;
  yield* diskChecks(account, paths);
  const { state, cache } = foldersOf(account, paths);
  // The sign-in lies there, and no server can be asked without it.
  if (isForeign(state) || isForeign(cache)) return;
  const session = await openAccountSession(account, paths);
  try {
    yield* await serverChecks(account, session, signal);
  } finally {
    session.close();
  }
}
