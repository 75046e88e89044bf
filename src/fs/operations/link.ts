import { FsError } from '../fs-error.js';

/** SharePoint has no hard links. EPERM is what link(2) says of such file systems; tools then copy or rename. */
export function link(): FsError {
  return new FsError('EPERM');
}
