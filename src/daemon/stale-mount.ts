/**
 * Before mounting: what a daemon that died left behind is taken away, a mount that is alive is left alone, and the
 * mount point is made.
 */
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { makeFolders } from '../base/index.js';
import { detachMount } from './detach-mount.js';
import { Failure } from './failure.js';
import { daemonStatus, isDead } from './live-mount.js';
import { mountAt } from './mount-table.js';
import type { Paths } from './paths.js';

export interface MountpointOptions {
  readonly mountpoint: string;
  readonly account: string;
  readonly nonempty: boolean;
  readonly paths: Paths;
}

/** The real path of the place. Throws `Failure` when the account is mounted already, or the place can't be used. */
export async function prepareMountpoint(options: MountpointOptions): Promise<string> {
  const { mountpoint } = options;
  await refuseIfMounted(options);
  while (mountAt(mountpoint) !== undefined) await clearAway(mountpoint);
  makeFolder(mountpoint);
  if (!options.nonempty && readdirSync(mountpoint).length > 0) {
    throw new Failure(
      'failed',
      `${mountpoint} is not empty: choose another MOUNTPOINT, or mount over it with -o nonempty`,
    );
  }
  return realpathSync(mountpoint);
}

async function refuseIfMounted({ account, paths }: MountpointOptions): Promise<void> {
  const status = await daemonStatus(paths, account);
  if (status === null) return;
  const where = status.mountpoint ?? 'no place any more (it is finishing its uploads)';
  throw new Failure('failed', `${account} is mounted already, at ${where} (process ${status.pid})`);
}

/** Only what nobody serves any more. */
async function clearAway(mountpoint: string): Promise<void> {
  if (await isDead(mountpoint)) return detachMount(mountpoint);
  throw new Failure(
    'failed',
    `${mountpoint} is a mount already: choose another MOUNTPOINT, or unmount it first`,
  );
}

const OBSTACLES: Record<string, string> = {
  EEXIST: 'it is not a folder',
  ENOTDIR: 'what is above it is not a folder',
  ENOENT: 'no folder can be made there',
  EPERM: 'no folder can be made there',
  EACCES: 'you may make no folder there',
  EROFS: 'the disk is read-only',
};

function makeFolder(mountpoint: string): void {
  try {
    makeFolders(mountpoint, 0o700);
    if (statSync(mountpoint).isDirectory()) return;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw unusable(mountpoint, OBSTACLES[code ?? ''] ?? `no folder can be made there (${code})`, error);
  }
  throw unusable(mountpoint, 'it is not a folder');
}

function unusable(mountpoint: string, reason: string, cause?: unknown): Failure {
  return new Failure(
    'failed',
    `can't use ${mountpoint} as a mount point: ${reason}; choose another MOUNTPOINT`,
    { cause },
  );
}
