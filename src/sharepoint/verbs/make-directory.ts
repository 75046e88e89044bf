/** MKCOL with a trailing slash (protocol notes 2.8). */
import { DriveError, type DriveItem, type DrivePath, type RequestOptions } from '../../drive/index.js';
import { discard } from '../http/body.js';
import { accepted, metadataRequest, type Remote } from './remote.js';
import { stat, statAfterWrite } from './stat.js';

export async function makeDirectory(
  remote: Remote,
  path: DrivePath,
  options: RequestOptions,
): Promise<DriveItem> {
  const request = metadataRequest('MKCOL', remote.locations.folderUrl(path), options);
  const response = await remote.dav.send(request, options.signal);
  if (response.afterDoubt && response.status === 405) {
    // an earlier attempt of ours may have made it
    discard(response);
    return existingFolder(remote, path, options);
  }
  discard(await accepted(response, 'makeDirectory', path));
  return statAfterWrite(remote, path, options);
}

async function existingFolder(remote: Remote, path: DrivePath, options: RequestOptions): Promise<DriveItem> {
  const item = await stat(remote, path, options);
  if (item.kind !== 'folder') throw new DriveError('exists', `${path}: exists already`);
  return item;
}
