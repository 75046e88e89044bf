/**
 * `odbfs mount --foreground`: one account from nothing to mounted, served until it is told to stop. What a background
 * start adds (detaching, waiting) is in `background.ts`.
 */
import { join } from 'node:path';
import { createLog, type Log, systemClock } from '../base/index.js';
import { AccountDaemon } from './account-daemon.js';
import { accountFolders } from './account-folders.js';
import { type AccountConfig, DEFAULT_DRAIN_SECONDS } from './config.js';
import { ControlServer } from './control-server.js';
import { showDesktopNotice } from './desktop-notice.js';
import { Failure } from './failure.js';
import { forgetMountpoint, noteMountpoint } from './last-mountpoint.js';
import { LogFile } from './log-file.js';
import type { Paths } from './paths.js';
import { isStartAwaited, reportStart } from './ready-pipe.js';
import { ServiceNotifier } from './service-notifier.js';
import { prepareMountpoint } from './stale-mount.js';
import type { UploadStatus } from './status.js';
import { stopOnBug } from './stop-on-bug.js';

export interface RunOptions {
  readonly account: AccountConfig;
  readonly mountpoint: string;
  readonly paths: Paths;
}

/** Resolves with what is still owed when the daemon has stopped. Throws `Failure` when the start fails. */
export async function runDaemon(options: RunOptions): Promise<UploadStatus> {
  const log = daemonLog(options, isStartAwaited());
  const daemon = await start(options, log).catch((error: unknown) => {
    log.error({ error }, 'the start failed');
    throw error;
  });
  return daemon.stopped;
}

/** Where the daemon of an account writes its log when it is in the background. */
export function logFileOf(paths: Paths, account: AccountConfig): string {
  return join(accountFolders(account, paths).state, 'daemon.log');
}

function daemonLog({ account, paths }: RunOptions, inBackground: boolean): Log {
  const { logLevel } = account.options;
  return inBackground ? createLog(logLevel, new LogFile(logFileOf(paths, account))) : createLog(logLevel);
}

async function start(options: RunOptions, log: Log): Promise<AccountDaemon> {
  const { account, paths } = options;
  // Loaded here, so that commands that mount nothing start without it.
  const { composeAccount, sendDatagram } = await import('./compose.js');
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort(new Failure('failed', 'interrupted'));
  process.once('SIGTERM', interrupt).once('SIGINT', interrupt);
  const { nonempty } = account.options;
  const mountpoint = await prepareMountpoint({ ...options, account: account.name, nonempty });
  const runtime = await composeAccount({ account, mountpoint, paths, log, signal: interrupted.signal });
  process.off('SIGTERM', interrupt).off('SIGINT', interrupt);
  const daemon = new AccountDaemon({
    runtime,
    clock: systemClock,
    log,
    notifier: new ServiceNotifier(process.env, sendDatagram),
    showNotice: showDesktopNotice,
  });
  const server = await ControlServer.listen(paths.socket(account.name), daemon.handlers, log);
  obeySignals(daemon, log);
  const { state } = accountFolders(account, paths);
  noteMountpoint(state, mountpoint);
  daemon.start();
  const end = () => {
    forgetMountpoint(state);
    return server.close();
  };
  void daemon.stopped.finally(end).catch(() => undefined);
  log.info({ account: account.name, mountpoint, pid: process.pid }, 'mounted');
  reportStart({ ready: true, pid: process.pid });
  return daemon;
}

/** The first signal stops cleanly, the second stops waiting for uploads. A bug stops cleanly as well. */
function obeySignals(daemon: AccountDaemon, log: Log): void {
  let isStopping = false;
  const obey = () => {
    if (isStopping) return daemon.hurry();
    isStopping = true;
    void daemon.stop({ timeoutMs: DEFAULT_DRAIN_SECONDS * 1000 });
  };
  process.on('SIGTERM', obey).on('SIGINT', obey).on('SIGHUP', obey);
  const crash = stopOnBug({ daemon, log, clock: systemClock, exit: (code) => process.exit(code) });
  process.on('uncaughtException', crash).on('unhandledRejection', crash);
}
