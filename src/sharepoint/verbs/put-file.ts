/** PUT with a known length (protocol notes 2.4), conditional where a condition is known, though never relied upon. */
import {
  DriveError,
  type DriveItem,
  type DrivePath,
  type UploadBase,
  type UploadOptions,
  type Version,
} from '../../drive/index.js';
import { discard } from '../http/body.js';
import type { HttpResponse, RequestBody } from '../http/transport.js';
import { parseDavDate } from '../wire/dav-date.js';
import { itemIdIn } from '../wire/etag.js';
import { headerVersion } from '../wire/header-version.js';
import { type Condition, ifMatch, insteadOf } from './conditions.js';
import { contentRequest, type Remote, refused } from './remote.js';
import { hasSameBytes } from './same-bytes.js';
import { type Relying, relying } from './soon-after.js';
import { statAfterWrite, statOrNull } from './stat.js';

export type PutOptions = UploadOptions & Relying;

export async function putFile(
  remote: Remote,
  path: DrivePath,
  body: RequestBody,
  options: PutOptions,
): Promise<DriveItem> {
  for (let condition = conditionOf(remote, options.base); ; ) {
    const response = await send(remote, path, body, options, condition);
    if (response.status >= 200 && response.status < 300) {
      discard(response);
      return stored(remote, path, body, options, response);
    }
    const next = await afterRefusal(remote, path, body, options, { response, condition });
    if ('item' in next) return next.item;
    condition = next.condition;
  }
}

function send(
  remote: Remote,
  path: DrivePath,
  body: RequestBody,
  options: PutOptions,
  condition: Condition,
): Promise<HttpResponse> {
  const request = contentRequest('PUT', remote.locations.fileUrl(path), options, {
    ...relying(options),
    headers: { 'content-type': 'application/octet-stream', ...condition },
    body,
    bytes: body.size,
  });
  return remote.dav.send(request, options.signal);
}

function conditionOf(remote: Remote, base: UploadBase): Condition {
  return base === 'absent' ? { 'if-none-match': '*' } : ifMatch(remote, base.version);
}

interface Refused {
  readonly response: HttpResponse;
  readonly condition: Condition;
}

/**
 * A 412 is the server's word that somebody was faster, unless an attempt of ours went through before, or the server
 * compares more strictly than it should (to the letter; a weak ETag never matches): then what is there decides.
 */
async function afterRefusal(
  remote: Remote,
  path: DrivePath,
  body: RequestBody,
  options: PutOptions,
  { response, condition }: Refused,
): Promise<{ readonly item: DriveItem } | { readonly condition: Condition }> {
  const verb = options.base === 'absent' ? 'create' : 'replace';
  const error = await refused(response, verb, path);
  if (response.status !== 412) throw error;
  const present = await statOrNull(remote, path, options);
  const mayBeOurs = response.afterDoubt && present !== null;
  if (mayBeOurs && (await hasSameBytes(remote, path, present, body, options))) return { item: present };
  const known = typeof options.base === 'object' ? options.base.version : null;
  if (known === null || present?.version !== known) {
    if (known !== null && present !== null) remote.ways.works('conditions');
    throw error;
  }
  const next = 'if-match' in condition ? await insteadOf(remote, path, known, condition, options) : null;
  if (next === null) throw error;
  return { condition: next };
}

/** The item that a successful PUT made: out of its answer where that tells enough, else asked for. */
async function stored(
  remote: Remote,
  path: DrivePath,
  body: RequestBody,
  options: UploadOptions,
  { headers }: HttpResponse,
): Promise<DriveItem> {
  const version = remote.dialect.trustsEtags ? headerVersion(headers) : null;
  const id = itemIdIn(headers.etag);
  const modifiedMs = parseDavDate(headers['last-modified'] ?? headers.date ?? '');
  if (version === null || id === null || modifiedMs === null) return asked(remote, path, body.size, options);
  const name = path.slice(path.lastIndexOf('/') + 1);
  return { id, name, kind: 'file', size: body.size, modifiedMs, createdMs: modifiedMs, version };
}

/** A PUT can answer 200 and have stored nothing (protocol notes 5.2.4). */
async function asked(
  remote: Remote,
  path: DrivePath,
  size: number,
  options: UploadOptions,
): Promise<DriveItem> {
  const before: Version | null = typeof options.base === 'object' ? options.base.version : null;
  const item = await statAfterWrite(remote, path, options, ({ version }) => version !== before);
  if (item.size === 0 && size > 0) throw new DriveError('protocol', `${path}: the server stored nothing`);
  return item;
}
