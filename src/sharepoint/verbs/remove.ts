/**
 * DELETE, for folders with all that is in them (protocol notes 2.8). False: nothing was there. What is to go is looked at
 * just before, because not every server heeds `If-Match`.
 */
import { DriveError, type DrivePath, type RemoveOptions, type Version } from '../../drive/index.js';
import { discard } from '../http/body.js';
import type { HttpResponse } from '../http/transport.js';
import { ifMatch, refusedUnchanged } from './conditions.js';
import { accepted, metadataRequest, type Remote } from './remote.js';
import { statOrNull } from './stat.js';

export async function remove(remote: Remote, path: DrivePath, options: RemoveOptions): Promise<boolean> {
  const { kind, version } = options;
  const condition = kind === 'file' ? ifMatch(remote, version) : {};
  if (version !== undefined && (await isGone(remote, path, version, options))) return false;
  const response = await send(remote, path, options, condition);
  if (response.status !== 412 || version === undefined || !('if-match' in condition))
    return finished(response, path);
  discard(response);
  if (await isGone(remote, path, version, options)) return false;
  refusedUnchanged(remote, version);
  return finished(await send(remote, path, options, {}), path);
}

/** Throws `changed` when something else than `version` is there. */
async function isGone(
  remote: Remote,
  path: DrivePath,
  version: Version,
  options: RemoveOptions,
): Promise<boolean> {
  const present = await statOrNull(remote, path, options);
  if (present === null) return true;
  if (present.version !== version) throw new DriveError('changed', `${path}: somebody changed it`);
  return false;
}

function send(
  remote: Remote,
  path: DrivePath,
  options: RemoveOptions,
  headers: Record<string, string>,
): Promise<HttpResponse> {
  const { locations, dav } = remote;
  const { kind, mayLeave, signal } = options;
  const url = kind === 'folder' ? locations.folderUrl(path) : locations.fileUrl(path);
  const request = metadataRequest('DELETE', url, options, { headers });
  const onAttempt = () => {
    if (mayLeave?.() === false) throw new DriveError('changed', `${path}: not sent, it waited for too long`);
  };
  return dav.send({ ...request, onAttempt }, signal);
}

async function finished(response: HttpResponse, path: DrivePath): Promise<boolean> {
  if (response.status === 404 || response.status === 410) {
    discard(response);
    return false;
  }
  if (response.status === 207) throw new DriveError('locked', `${path}: something in it can't be removed`);
  discard(await accepted(response, 'remove', path));
  return true;
}
