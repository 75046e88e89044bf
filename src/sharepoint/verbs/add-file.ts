/**
 * `Files/AddUsingPath`: creates a file with its content in one request that refuses to replace, or empties one. The
 * only way to make an empty file (protocol notes 2.4, 3.2).
 */
import {
  DriveError,
  type DriveErrorKind,
  type DriveItem,
  type DrivePath,
  type RequestOptions,
} from '../../drive/index.js';
import { discard } from '../http/body.js';
import type { HttpResponse, RequestBody } from '../http/transport.js';
import { fileFromRest } from '../wire/rest-file.js';
import { type Remote, refused } from './remote.js';
import { jsonOf } from './rest-client.js';
import { hasSameBytes } from './same-bytes.js';
import { type Relying, relying } from './soon-after.js';
import { statAfterWrite, statOrNull } from './stat.js';

export interface AddOptions extends RequestOptions, Relying {
  readonly overwrite: boolean;
}

/** REST is not offered here at all, as far as this request tells. */
const NOT_OFFERED = new Set([405, 501]);

/** The item as it is now; null when the server offers no such service. Throws `exists`, `absent` (no such folder). */
export async function addFile(
  remote: Remote,
  path: DrivePath,
  body: RequestBody,
  options: AddOptions,
): Promise<DriveItem | null> {
  const { rest } = remote;
  if (rest === null) return null;
  const serverPath = remote.locations.serverPath(path);
  const slash = serverPath.lastIndexOf('/');
  const values = { folder: serverPath.slice(0, slash), name: serverPath.slice(slash + 1) };
  const call = {
    path: `web/GetFolderByServerRelativePath(decodedurl={folder})/Files/AddUsingPath(decodedurl={name},overwrite=${options.overwrite})`,
    values,
    query: '$select=Name,Length,TimeLastModified,TimeCreated,UniqueId,ETag,ServerRelativeUrl',
  };
  const response = await rest.postContent(call, options, { ...relying(options), body, bytes: body.size });
  if (NOT_OFFERED.has(response.status)) {
    discard(response);
    return null;
  }
  if (response.afterDoubt && response.status >= 400 && !options.overwrite) {
    discard(response);
    return ours(remote, path, body, response.status, options);
  }
  if (response.status >= 400) throw await whyNot(remote, path, response, options);
  const item = fileFromRest(await jsonOf(response), path);
  return item?.size === body.size ? item : statAfterWrite(remote, path, options);
}

/** Services differ in how they say "exists already"; where they are unclear, what is there decides. */
async function whyNot(
  remote: Remote,
  path: DrivePath,
  response: HttpResponse,
  options: AddOptions,
): Promise<Error> {
  const error = await refused(response, options.overwrite ? 'replace' : 'create', path);
  const isUnclear = error instanceof DriveError && response.status !== 404 && UNCLEAR.has(error.kind);
  if (!isUnclear || options.overwrite) return error;
  const present = await statOrNull(remote, path, options);
  return present === null
    ? error
    : new DriveError('exists', `${path}: exists already`, { status: response.status });
}

const UNCLEAR = new Set<DriveErrorKind>(['bad-name', 'protocol', 'absent', 'changed', 'unreachable']);

/** An attempt of ours got no answer and the next one was refused: what is there now, is it ours? */
async function ours(
  remote: Remote,
  path: DrivePath,
  body: RequestBody,
  status: number,
  options: AddOptions,
): Promise<DriveItem> {
  const present = await statOrNull(remote, path, options);
  if (present !== null && (await hasSameBytes(remote, path, present, body, options))) return present;
  throw new DriveError(present === null ? 'unreachable' : 'exists', `${path}: creating it failed`, {
    status,
  });
}
