/**
 * How full the drive is: `_api/site/usage` (protocol notes 3.6), which tells the total only by the share that is used,
 * else WebDAV's quota properties (2.2), else the v2 drive (3.7). Each of them may miss.
 */
import { DriveError, type Quota, type RequestOptions } from '../../drive/index.js';
import { bytesBody, discard, readText } from '../http/body.js';
import type { Transport } from '../http/transport.js';
import { parseOnlyEntry, QUOTA_BODY } from '../wire/multistatus.js';
import { textOf } from '../wire/xml.js';
import { driveQuota } from './drive-quota.js';
import { accepted, metadataRequest, type Remote } from './remote.js';
import { field, jsonOf, numberIn } from './rest-client.js';
import { isServiceRefusal } from './server-ways.js';

/** What a OneDrive has unless somebody changed it. */
const USUAL_TOTAL_BYTES = 2 ** 40;
const LONGEST_ANSWER_BYTES = 1024 * 1024;

/** Throws `protocol` when the server does not tell. */
export async function quota(remote: Remote, unsigned: Transport, options: RequestOptions): Promise<Quota> {
  const usage = await fromUsage(remote, options);
  if (usage !== null && usage.totalBytes !== null) return { ...usage, totalBytes: usage.totalBytes };
  const told = (await fromProperties(remote, options)) ?? (await driveQuota(remote, unsigned, options));
  if (told !== null) return told;
  if (usage === null) throw new DriveError('protocol', 'the server does not tell its quota');
  return { usedBytes: usage.usedBytes, totalBytes: Math.max(usage.usedBytes, USUAL_TOTAL_BYTES) };
}

interface Usage {
  readonly usedBytes: number;
  /** Null: of an empty drive the share is nothing, and tells nothing. */
  readonly totalBytes: number | null;
}

async function fromUsage({ rest, ways }: Remote, options: RequestOptions): Promise<Usage | null> {
  if (rest === null || !ways.mayTry('usage')) return null;
  const response = await rest.get({ path: 'site/usage' }, options);
  if (response.status !== 200) {
    discard(response);
    if (isServiceRefusal(response.status)) ways.refused('usage');
    return null;
  }
  const json = await jsonOf(response);
  const usage = field(json, 'Usage') ?? json;
  const usedBytes = numberIn(field(usage, 'Storage'));
  const share = numberIn(field(usage, 'StoragePercentageUsed'));
  if (usedBytes === null || share === null || share < 0) return null;
  if (share === 0) return { usedBytes, totalBytes: null };
  return { usedBytes, totalBytes: Math.max(usedBytes, Math.round(usedBytes / share)) };
}

async function fromProperties(remote: Remote, options: RequestOptions): Promise<Quota | null> {
  if (!remote.ways.mayTry('dav-quota')) return null;
  const request = metadataRequest('PROPFIND', remote.locations.folderUrl('/'), options, {
    headers: { depth: '0', 'content-type': 'application/xml; charset=utf-8' },
    body: bytesBody(QUOTA_BODY),
  });
  const response = await accepted(await remote.dav.send(request, options.signal), 'quota', 'quota');
  const entry = parseOnlyEntry(await readText(response, LONGEST_ANSWER_BYTES));
  const usedBytes = numberIn(textOf(entry?.properties, 'quota-used-bytes'));
  const availableBytes = numberIn(textOf(entry?.properties, 'quota-available-bytes'));
  if (usedBytes === null || availableBytes === null) {
    remote.ways.refused('dav-quota');
    return null;
  }
  return { usedBytes, totalBytes: usedBytes + availableBytes };
}
