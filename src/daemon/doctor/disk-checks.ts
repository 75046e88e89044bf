/** Whether what is owed and what is cached can be written, and the room for it; and mounts that a dead daemon left behind. */
import { statSync } from 'node:fs';
import { freeBytesNow } from '../../base/index.js';
import { foldersOf, GIVEN_BACK } from '../account-folders.js';
import { formatByteSize } from '../byte-size.js';
import type { AccountConfig } from '../config.js';
import { OTHER_FOLDER, obstacleOf } from '../disk-failure.js';
import { isDead, isOurs } from '../live-mount.js';
import { odbfsMounts } from '../mount-table.js';
import { isForeign, makePrivateFolder, type Paths } from '../paths.js';
import { type Finding, good, problem, warning } from './finding.js';

const SCARCE_BYTES = 2 * 1024 ** 3;
const TOO_LITTLE_BYTES = 200 * 1024 ** 2;

export function diskChecks(account: AccountConfig, paths: Paths): Finding[] {
  const { state, cache } = foldersOf(account, paths);
  const room = [freeSpace('disk for what is owed', state), freeSpace('disk for the cache', cache)];
  return isForeign(state) ? room : [...room, secrecy(state)];
}

function freeSpace(about: string, folder: string): Finding {
  if (isForeign(folder)) return problem(about, `${folder} is not a folder of yours`, GIVEN_BACK);
  makePrivateFolder(folder);
  const obstacle = obstacleOf(folder);
  if (obstacle !== null) return problem(about, `${folder} ${obstacle}`, OTHER_FOLDER);
  const free = freeBytesNow(folder);
  const says = `${formatByteSize(free)} free at ${folder}`;
  if (free < TOO_LITTLE_BYTES)
    return problem(about, says, 'free some space, or choose another disk with state_dir, cache_dir');
  if (free < SCARCE_BYTES) return warning(about, says, 'free some space: large files will not fit');
  return good(about, says);
}

function secrecy(folder: string): Finding {
  const mode = statSync(folder).mode & 0o777;
  if ((mode & 0o077) === 0) return good('secrecy', `${folder} is yours alone`);
  return problem('secrecy', `${folder} is open to others (${mode.toString(8)})`, `run: chmod 0700 ${folder}`);
}

/** Every mount of ours has somebody behind it; mounts of others are their own affair. */
export async function mountChecks(paths: Paths): Promise<Finding[]> {
  return Promise.all(
    odbfsMounts().map(async (mount) => {
      const about = `mount ${mount.mountpoint}`;
      if (await isDead(mount.mountpoint)) {
        return problem(about, 'its daemon is gone', `run: odbfs unmount --now '${mount.mountpoint}'`);
      }
      return good(about, (await isOurs(mount, paths)) ? 'is served' : 'is served, not by a daemon of yours');
    }),
  );
}
