import { FsError } from '../fs-error.js';

/**
 * Copying inside one mount is done by the kernel through read and write: it falls back to that by itself on
 * EOPNOTSUPP (and, unlike ENOSYS, asks again next time).
 */
export function copyFileRange(): FsError {
  return new FsError('EOPNOTSUPP');
}
