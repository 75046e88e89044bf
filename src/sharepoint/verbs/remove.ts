/**
 * DELETE, for folders with all that is in them (protocol notes 2.8). False: nothing was there. What is to go is looked at
 * just before, because not every server heeds `If-Match`.
 */
import { DriveError, type DrivePath, type RemoveOptions, type Version } from '../../drive/index.js';
import { discard } from '../http/body.js';
import type { HttpResponse } from '../http/transport.js';
import { type Condition, ifMatch, insteadOf } from './conditions.js';
import { accepted, metadataRequest, type Remote } from './remote.js';
import { soonAfter } from './soon-after.js';
import { statOrNull } from './stat.js';

export async function remove(remote: Remote, path: DrivePath, options: RemoveOptions): Promise<boolean> {
  const { version, mayLeave } = options;
  const mayGo = () => {
    if (mayLeave?.() === false) throw new DriveError('changed', `${path}: not sent, it waited for too long`);
  };
  if (version === undefined) return finished(await send(remote, path, options, { onAttempt: mayGo }), path);
  const look = () => isGone(remote, path, version, options);
  return soonAfter(remote.clock, look, (isGone, onAttempt) =>
    isGone ? Promise.resolve(false) : removeVersion(remote, path, version, { options, onAttempt }),
  );
}

interface Removing {
  readonly options: RemoveOptions;
  readonly onAttempt: () => void;
}

async function removeVersion(
  remote: Remote,
  path: DrivePath,
  version: Version,
  { options, onAttempt }: Removing,
): Promise<boolean> {
  for (let condition = options.kind === 'file' ? ifMatch(remote, version) : {}; ; ) {
    const response = await send(remote, path, options, { condition, onAttempt });
    if (response.status !== 412 || !('if-match' in condition)) return finished(response, path);
    discard(response);
    if (await isGone(remote, path, version, options)) return false;
    const next = await insteadOf(remote, path, version, condition, options);
    if (next === null) throw new DriveError('changed', `${path}: somebody changed it`);
    condition = next;
  }
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
  { locations, dav }: Remote,
  path: DrivePath,
  options: RemoveOptions,
  { condition = {}, onAttempt }: { readonly condition?: Condition; readonly onAttempt: () => void },
): Promise<HttpResponse> {
  const url = options.kind === 'folder' ? locations.folderUrl(path) : locations.fileUrl(path);
  const request = metadataRequest('DELETE', url, options, { headers: condition, onAttempt });
  return dav.send(request, options.signal);
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
