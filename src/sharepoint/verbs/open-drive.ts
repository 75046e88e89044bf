/**
 * The `Drive` over WebDAV and REST: puts the layers, the dialect and the verbs together for one library. Which library a
 * short address means is asked at opening; without an answer (offline, signed out) the usual name has to do.
 */
import type { Clock, Log, Metrics } from '../../base/index.js';
import type { Crowd, Drive, DrivePath } from '../../drive/index.js';
import type { Authenticator } from '../http/authenticator.js';
import { createHttp, DEFAULT_HTTP, type Http } from '../http/create-http.js';
import type { NetworkState } from '../http/network-state.js';
import type { Transport } from '../http/transport.js';
import { genuineSharePoint, genuineWebDav } from '../wire/genuine.js';
import { Locations } from '../wire/locations.js';
import { MovedFolders, type MovedMemory } from '../wire/moved-folders.js';
import type { NameMemory } from '../wire/shown-names.js';
import { isPersonal, PERSONAL_LIBRARY, parseSiteUrl, TEAM_LIBRARY } from '../wire/site-url.js';
import { defaultLibrary, type LibraryMemory } from './default-library.js';
import type { Dialect } from './dialect.js';
import { genericDialect } from './generic-dialect.js';
import { RecentWrites } from './recent-writes.js';
import type { Remote, RemoteLimits } from './remote.js';
import { RemoteDrive } from './remote-drive.js';
import { RequestDigest } from './request-digest.js';
import { RestClient } from './rest-client.js';
import { ServerWays, type WayMemory } from './server-ways.js';
import { sharePointDialect } from './sharepoint-dialect.js';
import { Spellings } from './spellings.js';

export interface OpenDriveOptions {
  /** What the browser shows, or a generic server's collection. */
  readonly siteUrl: string;
  readonly server: 'sharepoint' | 'webdav';
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Requests under way at most. */
  readonly parallel: number;
  /** Null: no limit. */
  readonly uploadBytesPerSecond: number | null;
  readonly downloadBytesPerSecond: number | null;
  readonly chunkThresholdBytes: number;
  readonly chunkBytes?: number;
  /** Null or absent: the decorated one. */
  readonly userAgent?: string | null;
  /** Where is kept what the server was found to offer; absent: nowhere. */
  readonly ways?: WayMemory;
  /** Where are kept the names that no rule can show; absent: nowhere. */
  readonly names?: NameMemory;
  /** Where is kept who the folders are that were moved, on a server without ids; absent: nowhere. */
  readonly moved?: MovedMemory;
  /** Where is kept which library a short address means; absent: nowhere. */
  readonly library?: LibraryMemory;
  /** Behave as without a network. */
  readonly offline: boolean;
  /** Gives the opening up. */
  readonly signal: AbortSignal;
}

export interface OpenDrive extends Drive {
  readonly network: NetworkState;
  readonly crowd: Crowd;
  /** The server lets everybody wait for so long that what is known is the better answer. */
  readonly isPuttingOff: boolean;
  /** Signed; for questions that no verb asks. */
  readonly transport: Transport;
  readonly webUrl: URL;
  readonly libraryUrl: URL;
  /** The page that a browser opens for an item. */
  pageOf(path: DrivePath): string;
  close(): Promise<void>;
}

/** 10 MiB, as every library does (protocol notes 3.3). */
const CHUNK_BYTES = 10 * 1024 * 1024;
const FEWEST_PARALLEL = 2;
/** How many requests are granted to somebody is SharePoint's rule (protocol notes 4): another server says 429 or 503 if it must. */
const UNCOUNTED = { burst: 100_000, requestsPerSecond: 100_000 };

export async function openDrive(options: OpenDriveOptions): Promise<OpenDrive> {
  const { clock, log, metrics } = options;
  const http = createHttp({
    ...DEFAULT_HTTP,
    ...(options.server === 'webdav' && UNCOUNTED),
    clock,
    log,
    metrics,
    userAgent: options.userAgent ?? null,
    parallel: Math.max(FEWEST_PARALLEL, options.parallel),
    upBytesPerSecond: options.uploadBytesPerSecond,
    downBytesPerSecond: options.downloadBytesPerSecond,
  });
  if (options.offline) http.governor.network.force(true);
  try {
    return await (options.server === 'webdav' ? openGeneric(options, http) : openSharePoint(options, http));
  } catch (error) {
    await http.close();
    throw error;
  }
}

/** The package behind it takes long to load, and who only signs in does not need it. */
async function davClient(...given: [baseUrl: URL, transport: Transport]) {
  const { DavClient } = await import('../http/dav-client.js');
  return new DavClient(...given);
}

async function openGeneric(options: OpenDriveOptions, http: Http): Promise<OpenDrive> {
  const baseUrl = new URL(options.siteUrl);
  baseUrl.search = '';
  baseUrl.hash = '';
  const transport = http.signed(options.authenticator, {
    base: baseUrl,
    session: null,
    judge: genuineWebDav,
  });
  const { clock, log } = options;
  const moved = new MovedFolders(options.moved ?? null);
  const locations = locationsOf(genericDialect, baseUrl, options);
  const dav = await davClient(baseUrl, transport);
  const remote: Remote = {
    dialect: { ...genericDialect, identify: (path) => moved.idOf(path) },
    locations,
    dav,
    rest: null,
    moved,
    clock,
    log,
    limits: limitsOf(options),
    recent: new RecentWrites(clock),
    spellings: new Spellings(),
    ways: waysOf(options),
  };
  return opened(remote, http, { transport, webUrl: baseUrl });
}

async function openSharePoint(options: OpenDriveOptions, http: Http): Promise<OpenDrive> {
  const { authenticator, clock, log } = options;
  const place = parseSiteUrl(options.siteUrl);
  const { webUrl } = place;
  const session = new URL(`${webUrl.href.replace(/\/$/, '')}/_api/web/currentuser?$select=Id`);
  const transport = http.signed(authenticator, { base: webUrl, session, judge: genuineSharePoint });
  const digest = new RequestDigest(webUrl, transport, clock);
  const rest = new RestClient({ webUrl, transport, authenticator, digest });
  const guess = isPersonal(place) ? PERSONAL_LIBRARY : TEAM_LIBRARY;
  const library = place.library ?? (await defaultLibrary({ ...options, rest }, guess));
  const baseUrl = new URL(webUrl.href);
  baseUrl.pathname = `${webUrl.pathname.replace(/\/$/, '')}/${encodeURIComponent(library).replaceAll('%2F', '/')}`;
  const locations = locationsOf(sharePointDialect, baseUrl, options);
  const dav = await davClient(baseUrl, transport);
  const remote: Remote = {
    dialect: sharePointDialect,
    locations,
    dav,
    rest,
    moved: null,
    clock,
    log,
    limits: limitsOf(options),
    recent: new RecentWrites(clock),
    spellings: new Spellings(),
    ways: waysOf(options),
  };
  return opened(remote, http, { transport, webUrl });
}

function locationsOf(dialect: Dialect, baseUrl: URL, { names }: OpenDriveOptions): Locations {
  return new Locations({
    baseUrl,
    names: dialect.names,
    topNames: dialect.topNames,
    isServersOwn: dialect.isServersOwnAtTop,
    memory: names ?? null,
    longestPath: dialect.longestPath,
  });
}

function limitsOf({ chunkThresholdBytes, chunkBytes }: OpenDriveOptions): RemoteLimits {
  const chunkLimit = { bytes: Number.POSITIVE_INFINITY };
  return { chunkThreshold: chunkThresholdBytes, chunkBytes: chunkBytes ?? CHUNK_BYTES, chunkLimit };
}

function waysOf({ clock, log, ways }: OpenDriveOptions): ServerWays {
  return new ServerWays({ clock, log, memory: ways ?? null });
}

interface Signed {
  readonly transport: Transport;
  readonly webUrl: URL;
}

function opened(remote: Remote, http: Http, { transport, webUrl }: Signed): OpenDrive {
  return new RemoteDrive(remote, {
    network: http.governor.network,
    crowd: http.governor.crowd,
    isPuttingOff: () => http.governor.isPuttingOff,
    transport,
    unsigned: http.open,
    webUrl,
    close: () => http.close(),
  });
}
