/** DELETE, for folders with all that is in them (protocol notes 2.8). What is absent counts as removed. */
import { DriveError, type DrivePath, type RemoveOptions } from '../../drive/index.js';
import { discard } from '../http/body.js';
import { accepted, metadataRequest, type Remote } from './remote.js';
import { statOrNull } from './stat.js';

export async function remove(remote: Remote, path: DrivePath, options: RemoveOptions): Promise<void> {
  const { kind, version } = options;
  if (version !== undefined && !remote.dialect.honoursConditions) {
    const present = await statOrNull(remote, path, options);
    if (present === null) return;
    if (present.version !== version) throw new DriveError('changed', `${path}: somebody changed it`);
  }
  const url = kind === 'folder' ? remote.locations.folderUrl(path) : remote.locations.fileUrl(path);
  const request = metadataRequest('DELETE', url, options, { headers: condition(options) });
  const response = await remote.dav.send(request, options.signal);
  if (response.status === 404 || response.status === 410) return discard(response);
  if (response.status === 207) throw new DriveError('locked', `${path}: something in it can't be removed`);
  discard(await accepted(response, 'remove', path));
}

function condition({ kind, version }: RemoveOptions): Record<string, string> {
  // versions that are not ETags (of folders, mostly) can't be sent
  return kind === 'file' && version?.startsWith('"') ? { 'if-match': version } : {};
}
