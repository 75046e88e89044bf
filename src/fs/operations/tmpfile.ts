import { FsError } from '../fs-error.js';

/**
 * A nameless file could never get a name here, because that takes link(2). EOPNOTSUPP makes programs make a named
 * temporary file instead.
 */
export function tmpfile(): FsError {
  return new FsError('EOPNOTSUPP');
}
