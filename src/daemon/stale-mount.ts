/**
 * Before mounting: what a daemon that died left behind is taken away, a mount that is alive is left alone, and the
 * mount point is made.
 */
import { mkdirSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { askDaemon, NoDaemon } from './control-client.js';
import { detachMount } from './detach-mount.js';
import { Failure } from './failure.js';
import { mountAt } from './mount-table.js';
import type { Paths } from './paths.js';

const ANSWER_WITHIN_MS = 5000;

export interface MountpointOptions {
  readonly mountpoint: string;
  readonly account: string;
  readonly nonempty: boolean;
  readonly paths: Paths;
}

/** The real path of the place. Throws `Failure` when the account is mounted already, or the place can't be used. */
export async function prepareMountpoint(options: MountpointOptions): Promise<string> {
  await refuseIfMounted(options);
  const { mountpoint } = options;
  while (mountAt(mountpoint) !== undefined) await detachMount(mountpoint);
  makeFolder(mountpoint);
  if (!options.nonempty && readdirSync(mountpoint).length > 0) {
    throw new Failure(
      'failed',
      `${mountpoint} is not empty: choose another MOUNTPOINT, or mount over it with -o nonempty`,
    );
  }
  return realpathSync(mountpoint);
}

async function refuseIfMounted({ account, paths, mountpoint }: MountpointOptions): Promise<void> {
  const status = await aliveStatus(paths, account);
  if (status !== null) {
    const where = status.mountpoint ?? 'no place any more (it is finishing its uploads)';
    throw new Failure('failed', `${account} is mounted already, at ${where} (process ${status.pid})`);
  }
  const there = mountAt(mountpoint);
  if (there?.account == null || there.account === account) return;
  if ((await aliveStatus(paths, there.account)) === null) return;
  throw new Failure('failed', `${mountpoint} is the mount of ${there.account}: choose another MOUNTPOINT`);
}

/** What the account's daemon says; null when there is none. */
async function aliveStatus(paths: Paths, account: string) {
  try {
    return await askDaemon(paths.socket(account), { command: 'status' }, { silenceMs: ANSWER_WITHIN_MS });
  } catch (error) {
    if (error instanceof NoDaemon) return null;
    throw error;
  }
}

function makeFolder(mountpoint: string): void {
  try {
    mkdirSync(mountpoint, { recursive: true, mode: 0o700 });
    if (statSync(mountpoint).isDirectory()) return;
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new Failure('failed', `can't use ${mountpoint} as a mount point: ${reason}`, { cause: error });
  }
  throw new Failure('failed', `can't use ${mountpoint} as a mount point: it is not a folder`);
}
