import { DriveError, type DrivePath } from '../../drive/index.js';

/** What the server sent as the listing of a folder can't be one. */
export function unreadableListing(path: DrivePath): DriveError {
  return new DriveError('protocol', `${path}: the listing does not make sense`);
}
