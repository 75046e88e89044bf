/**
 * The quota that the v2 drive tells. It takes no cookies, but a token that RenderListDataAsStream hands out to whoever
 * may see the library (protocol notes 3.7). The token goes to the server that gave it and nowhere else.
 */
import { DriveError, type Quota, type RequestOptions } from '../../drive/index.js';
import { discard } from '../http/body.js';
import type { Transport } from '../http/transport.js';
import { listLiteral } from './list-pages.js';
import { metadataRequest, type Remote } from './remote.js';
import { field, jsonOf, numberIn, type RestClient, stringIn } from './rest-client.js';
import { isServiceRefusal } from './server-ways.js';

/** ContextInfo 1, ListData 2, ListSchema 4, FileSystemItemId 32. */
const RENDER_OPTIONS = 1 | 2 | 4 | 32;

interface DriveAccess {
  readonly url: URL;
  readonly token: string;
}

/** Null where the server does not tell; then it is not asked again for a while. */
export async function driveQuota(
  remote: Remote,
  unsigned: Transport,
  options: RequestOptions,
): Promise<Quota | null> {
  const { rest, ways } = remote;
  if (rest === null || !ways.mayTry('drive-quota')) return null;
  const access = await accessTo(remote, rest, options);
  const quota = access === null ? null : await quotaAt(unsigned, access, options);
  if (quota === null) ways.refused('drive-quota');
  return quota;
}

async function accessTo(
  remote: Remote,
  rest: RestClient,
  options: RequestOptions,
): Promise<DriveAccess | null> {
  const call = { path: 'web/GetList(@l)/RenderListDataAsStream', query: `@l=${listLiteral(remote)}` };
  const ViewXml = '<View><RowLimit Paged="TRUE">1</RowLimit></View>';
  const response = await rest.postJson(
    call,
    { parameters: { RenderOptions: RENDER_OPTIONS, ViewXml } },
    options,
  );
  if (response.status !== 200) return nothing(response);
  const schema = field(await jsonOf(response), 'ListSchema');
  const token = /access_token=([^&]+)/.exec(stringIn(field(schema, '.driveAccessToken')) ?? '')?.[1];
  const address = stringIn(field(schema, '.driveUrl'));
  if (token === undefined || address === null || !URL.canParse(address)) return null;
  const url = new URL(address);
  url.search = '?$select=quota';
  return url.origin === rest.webUrl.origin ? { url, token } : null;
}

async function quotaAt(
  unsigned: Transport,
  { url, token }: DriveAccess,
  options: RequestOptions,
): Promise<Quota | null> {
  const headers = { accept: 'application/json', authorization: `Bearer ${token}` };
  const response = await unsigned.send(metadataRequest('GET', url, options, { headers }), options.signal);
  if (response.status !== 200) return nothing(response);
  const quota = field(await jsonOf(response), 'quota');
  const usedBytes = numberIn(field(quota, 'used'));
  const totalBytes = numberIn(field(quota, 'total'));
  return usedBytes === null || totalBytes === null || totalBytes <= 0 ? null : { usedBytes, totalBytes };
}

/** Throws what may be otherwise a moment later. */
function nothing(response: Parameters<typeof discard>[0] & { readonly status: number }): null {
  discard(response);
  if (isServiceRefusal(response.status) || response.status === 400 || response.status === 401) return null;
  throw new DriveError('unreachable', 'the quota is not to be had now', { status: response.status });
}
