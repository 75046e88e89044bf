/** MKCOL with a trailing slash (protocol notes 2.8). */
import { DriveError, type DriveItem, type DrivePath, type MakeDirectoryOptions } from '../../drive/index.js';
import { discard } from '../http/body.js';
import { accepted, metadataRequest, type Remote } from './remote.js';
import { seenAfterWrite, statAfterWrite, statOrNull } from './stat.js';

/** Some say so where something is already, others where its folder is missing, it may not be made, or somebody makes it. */
const MAY_EXIST: ReadonlySet<number> = new Set([406, 409, 423]);

export async function makeDirectory(
  remote: Remote,
  path: DrivePath,
  options: MakeDirectoryOptions,
): Promise<DriveItem> {
  const request = metadataRequest('MKCOL', remote.locations.folderUrl(path), options);
  const response = await remote.dav.send(request, options.signal);
  const { status, afterDoubt } = response;
  try {
    discard(await accepted(response, 'makeDirectory', path));
  } catch (error) {
    // What an attempt of ours has made a moment ago, a front end that lags behind may not show yet.
    const look = afterDoubt ? seenAfterWrite : statOrNull;
    const isThere = status === 405 || (MAY_EXIST.has(status) && (await look(remote, path, options)));
    if (!isThere) throw error;
    // an earlier attempt of ours may have made it
    if (afterDoubt) return existingFolder(remote, path, options);
    throw status === 405 ? error : new DriveError('exists', `${path}: exists already`, { status });
  }
  return statAfterWrite(remote, path, options, (item) => mayBeNew(remote, item, options));
}

async function existingFolder(
  remote: Remote,
  path: DrivePath,
  options: MakeDirectoryOptions,
): Promise<DriveItem> {
  const item = await statAfterWrite(remote, path, options, (item) => mayBeNew(remote, item, options));
  if (item.kind !== 'folder') throw new DriveError('exists', `${path}: exists already`);
  return item;
}

/** A front end that lags behind shows what was removed from there just before. */
function mayBeNew({ dialect }: Remote, { id }: DriveItem, { isGone }: MakeDirectoryOptions): boolean {
  return !dialect.capabilities.stableIds || isGone?.(id) !== true;
}
