/**
 * Whether a mount of ours has a daemon, and which. The same account name may be mounted by other users, or from another
 * home, so a daemon's own word on where it is mounted is what counts.
 */
import { execFile } from 'node:child_process';
import { askDaemon, NoDaemon } from './control-client.js';
import type { MountEntry } from './mount-table.js';
import type { Paths } from './paths.js';
import type { AccountStatus } from './status.js';

const ANSWER_WITHIN_MS = 5000;

/** What the account's daemon says of itself; null when there is none. */
export async function daemonStatus(paths: Paths, account: string): Promise<AccountStatus | null> {
  try {
    return await askDaemon(paths.socket(account), { command: 'status' }, { silenceMs: ANSWER_WITHIN_MS });
  } catch (error) {
    if (error instanceof NoDaemon) return null;
    throw error;
  }
}

/** True when the daemon that we can ask is the one behind this mount. */
export async function isOurs({ account, mountpoint }: MountEntry, paths: Paths): Promise<boolean> {
  if (account === null) return false;
  return (await daemonStatus(paths, account))?.mountpoint === mountpoint;
}

/**
 * True when nobody is behind a mount any more. Asks for the file system's statistics, which the kernel never answers
 * by itself; another process does, because a mount whose daemon hangs would keep whoever touches it.
 */
export function isDead(mountpoint: string): Promise<boolean> {
  return new Promise((resolve) => {
    const options = {
      timeout: ANSWER_WITHIN_MS,
      killSignal: 'SIGKILL',
      env: { ...process.env, LC_ALL: 'C' },
    } as const;
    execFile('stat', ['--file-system', '--format=%t', '--', mountpoint], options, (error, _, said) => {
      // The second is what they hear who asked while the daemon was dying.
      resolve(error !== null && /not connected|connection abort/i.test(said));
    });
  });
}
