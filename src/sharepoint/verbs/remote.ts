/** What every verb works with, and how it asks: requests with the bounds of their kind, refusals as `DriveError`. */
import type { Clock, Log } from '../../base/index.js';
import type { RequestOptions } from '../../drive/index.js';
import { readText } from '../http/body.js';
import type { DavClient } from '../http/dav-client.js';
import type { HttpRequest, HttpResponse, Repeat, RequestBody } from '../http/transport.js';
import { driveErrorOf, type Verb } from '../wire/drive-error.js';
import type { Locations } from '../wire/locations.js';
import type { MovedFolders } from '../wire/moved-folders.js';
import type { ChunkLimit } from './chunk-sizes.js';
import type { Dialect } from './dialect.js';
import type { RecentWrites } from './recent-writes.js';
import type { RestClient } from './rest-client.js';
import type { ServerWays } from './server-ways.js';
import { type Relying, relying } from './soon-after.js';
import type { Spellings } from './spellings.js';

export interface Remote {
  readonly dialect: Dialect;
  readonly locations: Locations;
  readonly dav: DavClient;
  /** Null where the server has no REST services. */
  readonly rest: RestClient | null;
  /** Null where the server tells who an item is. */
  readonly moved: MovedFolders | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: RemoteLimits;
  readonly recent: RecentWrites;
  readonly spellings: Spellings;
  readonly ways: ServerWays;
}

export interface RemoteLimits {
  /** Content from this size on is sent in chunks that can be resumed. */
  readonly chunkThreshold: number;
  readonly chunkBytes: number;
  readonly chunkLimit: ChunkLimit;
}

/** Attributes and listings that somebody waits for (semantics, time bounds). */
export const METADATA_PATIENCE_MS = 10_000;
/** The same when nobody waits: pauses and renewals may pass. */
const BULK_PATIENCE_MS = 180_000;
const BULK_SILENCE_MS = 60_000;
/** Bodies: this much silence and the connection counts as dead. */
export const CONTENT_SILENCE_MS = 30_000;
export const CONTENT_PATIENCE_MS = 90_000;

/** Transfers of more than this are long: they leave slots to others. The first portions of a read-ahead are, already. */
const LONG_BYTES = 128 * 1024;

const QUESTIONS: ReadonlySet<string> = new Set(['GET', 'PROPFIND']);

export interface Asking extends Relying {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  readonly repeat?: Repeat;
  /** The answer is a listing: it may come packed. */
  readonly mayBePacked?: boolean;
  /** A POST that only asks. */
  readonly isQuestion?: boolean;
}

/** A request whose answer is small and waited for. */
export function metadataRequest(
  method: string,
  url: URL,
  { lane }: RequestOptions,
  asking: Asking = {},
): HttpRequest {
  const isInteractive = lane === 'interactive';
  return {
    method,
    url,
    headers: asking.headers ?? {},
    body: asking.body ?? null,
    lane,
    repeat: asking.repeat ?? 'always',
    mayBePacked: asking.mayBePacked ?? false,
    isText: QUESTIONS.has(method) || asking.isQuestion === true || asking.mayBePacked === true,
    silenceMs: isInteractive ? METADATA_PATIENCE_MS : BULK_SILENCE_MS,
    patienceMs: isInteractive ? METADATA_PATIENCE_MS : BULK_PATIENCE_MS,
    ...relying(asking),
  };
}

/** A request that moves content, `bytes` of it. */
export function contentRequest(
  method: string,
  url: URL,
  { lane }: RequestOptions,
  asking: Asking & { readonly bytes: number },
): HttpRequest {
  return {
    method,
    url,
    headers: asking.headers ?? {},
    body: asking.body ?? null,
    lane,
    repeat: asking.repeat ?? 'always',
    silenceMs: CONTENT_SILENCE_MS,
    // uploads are bounded by silence: how long a body takes is the line's affair
    patienceMs: asking.body === undefined ? CONTENT_PATIENCE_MS : UPLOAD_PATIENCE_MS,
    long: asking.bytes > LONG_BYTES,
    ...relying(asking),
  };
}

const UPLOAD_PATIENCE_MS = 6 * 60 * 60 * 1000;
const LONGEST_ERROR_BYTES = 256 * 1024;

/** Throws what a refusing answer means; else gives the answer back, its body unread. */
export async function accepted(response: HttpResponse, verb: Verb, subject: string): Promise<HttpResponse> {
  if (response.status >= 200 && response.status < 300) return response;
  throw await refused(response, verb, subject);
}

/** Reads a refusing answer to its end and says what it means. */
export async function refused(response: HttpResponse, verb: Verb, subject: string): Promise<Error> {
  const text = await errorText(response);
  return driveErrorOf({ status: response.status, headers: response.headers, text }, verb, subject);
}

/** The text of an error body; what can't be read counts as empty: the status says enough. */
export async function errorText(response: HttpResponse): Promise<string> {
  try {
    return await readText(response, LONGEST_ERROR_BYTES);
  } catch {
    response.body.cancel();
    return '';
  }
}
