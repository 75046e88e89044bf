/**
 * An empty file without REST: `PUT` with no bytes stores nothing (protocol notes 2.4), but a lock on a name that is free
 * makes an empty file of it (RFC 4918 7.3; protocol notes 2.6), which is let go at once.
 */
import { DriveError, type DriveItem, type DrivePath, type RequestOptions } from '../../drive/index.js';
import { bytesBody, discard } from '../http/body.js';
import { metadataRequest, type Remote, refused } from './remote.js';
import { seenAfterWrite } from './stat.js';

/** Should we end between the two requests, the server lets go by itself after this. */
const LOCK_SECONDS = 10;
const LOCK_INFO =
  '<?xml version="1.0" encoding="utf-8"?><D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope>' +
  '<D:locktype><D:write/></D:locktype><D:owner>odbfs</D:owner></D:lockinfo>';

/** Throws `denied` where the server does not make it that way either. The name must be free. */
export async function makeEmptyFile(
  remote: Remote,
  path: DrivePath,
  options: RequestOptions,
): Promise<DriveItem> {
  const url = remote.locations.fileUrl(path);
  const headers = {
    'content-type': 'text/xml; charset=utf-8',
    depth: '0',
    timeout: `Second-${LOCK_SECONDS}`,
  };
  const lock = metadataRequest('LOCK', url, options, { headers, body: bytesBody(LOCK_INFO) });
  const response = await remote.dav.send(lock, options.signal);
  if (response.status >= 400) {
    const error = await refused(response, 'create', path);
    throw NOT_OFFERED.has(response.status) ? noEmptyFiles(path) : error;
  }
  const token = response.headers['lock-token'];
  discard(response);
  if (token !== undefined) {
    const unlock = metadataRequest('UNLOCK', url, options, { headers: { 'lock-token': token } });
    discard(await remote.dav.send(unlock, options.signal));
  }
  const item = await seenAfterWrite(remote, path, options);
  // Made, and taken elsewhere with its folder by now: that is looked for, and no reason to refuse it.
  if (item === null && response.status === CREATED)
    throw new DriveError('absent', `${path}: not there any more`);
  if (item === null) throw noEmptyFiles(path);
  if (item.kind !== 'file' || item.size > 0) throw new DriveError('exists', `${path}: exists already`);
  return item;
}

const CREATED = 201;
/** What a server says that knows no locks, or none on a name that is free. */
const NOT_OFFERED = new Set([400, 403, 404, 405, 501]);

export function noEmptyFiles(path: DrivePath): DriveError {
  return new DriveError(
    'denied',
    `${path}: empty files need the site's REST service, which is closed to us; put something into it`,
  );
}
