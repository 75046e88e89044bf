/** How full the drive is: `_api/site/usage`, else WebDAV's quota properties (protocol notes 2.2, 3.6); both may miss. */
import { DriveError, type Quota, type RequestOptions } from '../../drive/index.js';
import { bytesBody, discard, readText } from '../http/body.js';
import { parseDavEntry, QUOTA_BODY } from '../wire/multistatus.js';
import { textOf } from '../wire/xml.js';
import { accepted, metadataRequest, type Remote } from './remote.js';
import { field, jsonOf, numberIn } from './rest-client.js';

/** What a OneDrive has unless somebody changed it. */
const USUAL_TOTAL_BYTES = 2 ** 40;
const LONGEST_ANSWER_BYTES = 1024 * 1024;

/** Throws `protocol` when the server does not tell. */
export async function quota(remote: Remote, options: RequestOptions): Promise<Quota> {
  const known = (await fromUsage(remote, options)) ?? (await fromProperties(remote, options));
  if (known === null) throw new DriveError('protocol', 'the server does not tell its quota');
  return known;
}

async function fromUsage({ rest }: Remote, options: RequestOptions): Promise<Quota | null> {
  if (rest === null) return null;
  const response = await rest.get({ path: 'site/usage' }, options);
  if (response.status !== 200) {
    discard(response);
    return null;
  }
  const json = await jsonOf(response);
  const usage = field(json, 'Usage') ?? json;
  const usedBytes = numberIn(field(usage, 'Storage'));
  const share = numberIn(field(usage, 'StoragePercentageUsed'));
  if (usedBytes === null || share === null || share < 0) return null;
  // of an empty drive the share is nothing, and tells nothing
  if (share === 0) return { usedBytes, totalBytes: Math.max(usedBytes, USUAL_TOTAL_BYTES) };
  return { usedBytes, totalBytes: Math.max(usedBytes, Math.round(usedBytes / share)) };
}

async function fromProperties(remote: Remote, options: RequestOptions): Promise<Quota | null> {
  const request = metadataRequest('PROPFIND', remote.locations.folderUrl('/'), options, {
    headers: { depth: '0', 'content-type': 'application/xml; charset=utf-8' },
    body: bytesBody(QUOTA_BODY),
  });
  const response = await accepted(await remote.dav.send(request, options.signal), 'quota', 'quota');
  const text = await readText(response, LONGEST_ANSWER_BYTES);
  const start = text.search(/<(?:[\w.-]+:)?response[\s>]/);
  const end = text.search(/<\/(?:[\w.-]+:)?multistatus/);
  const entry = start < 0 ? null : parseDavEntry(text.slice(start, end < 0 ? undefined : end));
  const usedBytes = numberIn(textOf(entry?.properties, 'quota-used-bytes'));
  const availableBytes = numberIn(textOf(entry?.properties, 'quota-available-bytes'));
  if (usedBytes === null || availableBytes === null) return null;
  return { usedBytes, totalBytes: usedBytes + availableBytes };
}
