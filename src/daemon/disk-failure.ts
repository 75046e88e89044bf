/**
 * What stands in the way on this machine's own disks, in words for a person: SQLite and the system calls say what
 * happened, but not where, and not what to do.
 */
import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { freeBytesNow } from '../base/index.js';
import { accountFolders } from './account-folders.js';
import type { AccountConfig } from './config.js';
import { Failure } from './failure.js';
import type { Paths } from './paths.js';

const FULL = /^(ENOSPC|EDQUOT|SQLITE_FULL|SQLITE_IOERR_SHMSIZE)$/;
const NOT_WRITABLE = /^(EROFS|EACCES|EPERM|SQLITE_CANTOPEN|SQLITE_READONLY|SQLITE_PERM|SQLITE_IOERR)/;

/** Why nothing can be written in a folder of ours; null when it can. */
export function obstacleOf(folder: string): string | null {
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    return codeOf(error) === 'EROFS' ? 'is on a disk that is read-only' : 'is closed to you';
  }
}

/** Refuses a folder of ours that we may not look into: what is in it is not known, which is not the same as nothing. */
export function mustBeOpen(folder: string): void {
  try {
    accessSync(folder, constants.R_OK | constants.X_OK);
  } catch (cause) {
    throw new Failure('failed', `${folder} is closed to you: ${OTHER_FOLDER}`, { cause });
  }
}

/** Does work that writes for an account; an error of the disk names the folder and what to do. */
export async function namingDisk<Result>(
  account: Pick<AccountConfig, 'name' | 'options'>,
  paths: Paths,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure) throw error;
    const { state, cache } = accountFolders(account, paths);
    throw diskFailure(error, [state, cache, dirname(paths.configFile)]) ?? error;
  }
}

/** Null: it is no error of a disk, or none of these folders is to blame. */
export function diskFailure(error: unknown, folders: readonly string[]): Failure | null {
  const code = codeOf(error);
  if (FULL.test(code)) return new Failure('failed', fullText(fullest(folders)), { cause: error });
  if (!NOT_WRITABLE.test(code)) return null;
  for (const folder of folders) {
    const obstacle = obstacleOf(folder);
    if (obstacle !== null)
      return new Failure('failed', `${folder} ${obstacle}: ${OTHER_FOLDER}`, { cause: error });
  }
  return null;
}

export const OTHER_FOLDER = 'make it writable, or choose another folder with state_dir, cache_dir';

function fullText(folder: string): string {
  return `the disk is full at ${folder}: free some space, or choose another disk with state_dir, cache_dir`;
}

/** The one with the least room. */
function fullest(folders: readonly string[]): string {
  return folders.reduce((least, folder) => (freeBytesNow(folder) < freeBytesNow(least) ? folder : least));
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code);
}
