/** `odbfs doctor --probe`: the open questions asked of an account's server, and the report kept beside its state. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Metrics, silentLog, systemClock } from '../../base/index.js';
import type { ProbeReport } from '../../sharepoint/index.js';
import { accountFolders, PROBE_FILE } from '../account-folders.js';
import type { AccountConfig } from '../config.js';
import type { Paths } from '../paths.js';
import { openAccountSession } from '../sign-in-place.js';

const PARALLEL = 2;

/** Read-only, at most a minute. The report names nobody and nothing. */
export async function probeAccount(
  account: AccountConfig,
  paths: Paths,
  signal: AbortSignal,
): Promise<ProbeReport> {
  const session = await openAccountSession(account, paths);
  try {
    const report = await ask(account, session, signal);
    const file = join(accountFolders(account, paths).state, PROBE_FILE);
    writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`, { mode: 0o600 });
    return report;
  } catch (error) {
    const { startFailure } = await import('../start-failure.js');
    throw startFailure(error, account.name);
  } finally {
    session.close();
  }
}

async function ask(
  account: AccountConfig,
  session: Awaited<ReturnType<typeof openAccountSession>>,
  signal: AbortSignal,
): Promise<ProbeReport> {
  const { openDrive, probe } = await import('../../sharepoint/index.js');
  const drive = await openDrive({
    siteUrl: account.site,
    server: account.server,
    authenticator: session,
    clock: systemClock,
    log: silentLog,
    metrics: new Metrics(),
    parallel: PARALLEL,
    uploadBytesPerSecond: null,
    downloadBytesPerSecond: null,
    chunkThresholdBytes: account.options.chunkThresholdBytes,
    offline: false,
    signal,
  });
  const { transport, webUrl, libraryUrl } = drive;
  const hasRest = account.server === 'sharepoint';
  return probe({ transport, webUrl, libraryUrl, hasRest, clock: systemClock }, signal).finally(() =>
    drive.close(),
  );
}
