import type { Drive } from '../drive/index.js';
import { FsError } from './fs-error.js';

/** NAME_MAX, in bytes of UTF-8. */
export const LONGEST_NAME_BYTES = 255;

/** Throws when an item of this name can't be made anywhere. */
export function checkName(name: string): void {
  if (Buffer.byteLength(name) > LONGEST_NAME_BYTES) throw new FsError('ENAMETOOLONG');
  if (name === '' || name.includes('\0') || name.includes('/')) throw new FsError('EINVAL');
}

/** A path that the server would refuse is refused now, not at upload (semantics: Names). */
export function checkPath(path: string, drive: Drive): void {
  const { longestPath, pathPrefixLength } = drive.capabilities;
  if (path.length + pathPrefixLength > longestPath)
    throw new FsError('ENAMETOOLONG', 'the path is too long for the server');
}
