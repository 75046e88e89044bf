/** One item: PROPFIND with Depth 0, because Depth 1 on a file is a 404 (protocol notes 2.2). */
import {
  absentAsNull,
  DriveError,
  type DriveItem,
  type DrivePath,
  type RequestOptions,
} from '../../drive/index.js';
import { bytesBody, readText } from '../http/body.js';
import { davItem, etagOf } from '../wire/dav-item.js';
import { PROPERTIES_BODY, parseOnlyEntry } from '../wire/multistatus.js';
import { refusalIn } from './refusal-in.js';
import { accepted, metadataRequest, type Remote } from './remote.js';

const LONGEST_ANSWER_BYTES = 1024 * 1024;
/** For so long after a write the server may not know about it yet (protocol notes 5.2.6). */
const LAG_MS = 5_000;
const FIRST_LAG_DELAY_MS = 100;
/** So that the whole of the time above is waited out, not the half. */
const LONGEST_LAG_DELAY_MS = 800;

export function stat(remote: Remote, path: DrivePath, options: RequestOptions): Promise<DriveItem> {
  return remote.recent.current(path, options.signal, () => statOnce(remote, path, options));
}

async function statOnce(remote: Remote, path: DrivePath, options: RequestOptions): Promise<DriveItem> {
  const url = path === '/' ? remote.locations.folderUrl(path) : remote.locations.fileUrl(path);
  const request = metadataRequest('PROPFIND', url, options, {
    headers: { depth: '0', 'content-type': 'application/xml; charset=utf-8' },
    body: bytesBody(PROPERTIES_BODY),
  });
  const response = await accepted(await remote.dav.send(request, options.signal), 'stat', path);
  const entry = parseOnlyEntry(await readText(response, LONGEST_ANSWER_BYTES));
  if (entry === null) throw new DriveError('protocol', `${path}: the answer to PROPFIND describes nothing`);
  const refusal = refusalIn(entry, 'stat', path);
  if (refusal !== null) throw refusal;
  remote.spellings.heard(etagOf(entry));
  return davItem(path, entry, remote.dialect);
}

/** The item, or null when the server says that it is not there. */
export function statOrNull(
  remote: Remote,
  path: DrivePath,
  options: RequestOptions,
): Promise<DriveItem | null> {
  return absentAsNull(stat(remote, path, options));
}

/**
 * The item that we just wrote, as the server said: a front end that lags behind gets a moment. `isFresh` tells the new
 * state from the old. Not seen by then it may still be there, so that this is no refusal: `unreachable`.
 */
export async function statAfterWrite(
  remote: Remote,
  path: DrivePath,
  options: RequestOptions,
  isFresh: (item: DriveItem) => boolean = () => true,
): Promise<DriveItem> {
  const item = await seenAfterWrite(remote, path, options, isFresh);
  if (item === null) throw new DriveError('unreachable', `${path}: what was written there can't be seen yet`);
  return item;
}

/** The same, where the server may have done nothing: null when it shows nothing. */
export async function seenAfterWrite(
  remote: Remote,
  path: DrivePath,
  options: RequestOptions,
  isFresh: (item: DriveItem) => boolean = () => true,
): Promise<DriveItem | null> {
  remote.recent.expect(path);
  return lookedAtUntil(remote, path, options, isFresh);
}

/** What is there, once `isFresh` says so, or else when a front end that lags behind must have caught up. */
export async function lookedAtUntil(
  remote: Remote,
  path: DrivePath,
  options: RequestOptions,
  isFresh: (item: DriveItem) => boolean,
): Promise<DriveItem | null> {
  const untilMs = remote.clock.monotonic() + LAG_MS;
  for (let delayMs = FIRST_LAG_DELAY_MS; ; delayMs = Math.min(delayMs * 2, LONGEST_LAG_DELAY_MS)) {
    const item = await statOrNull(remote, path, options);
    const isLate = remote.clock.monotonic() + delayMs > untilMs;
    if (isLate || (item !== null && isFresh(item))) return item;
    await remote.clock.sleep(delayMs, options.signal);
  }
}
