/**
 * A folder and its children: PROPFIND with Depth 1 on the URL with a slash, parsed while it arrives. Where the folder
 * is too large for the server's views, REST lists it in pages. Whole, or it throws.
 */
import {
  DriveError,
  type DriveItem,
  type DrivePath,
  type ListingPage,
  type RequestOptions,
} from '../../drive/index.js';
import { bytesBody } from '../http/body.js';
import type { HttpResponse } from '../http/transport.js';
import { davItem } from '../wire/dav-item.js';
import { driveErrorOf, isThreshold, type Refusal } from '../wire/drive-error.js';
import { type DavEntry, PROPERTIES_BODY, parseDavEntries } from '../wire/multistatus.js';
import { inSlices, xmlRecords } from '../wire/xml-records.js';
import { childCount } from './child-count.js';
import { listByRest } from './list-by-rest.js';
import { isHidden, refusalIn } from './refusal-in.js';
import { CONTENT_SILENCE_MS, errorText, metadataRequest, type Remote } from './remote.js';
import type { RestClient } from './rest-client.js';
import { stat } from './stat.js';
import { unreadableListing } from './unreadable-listing.js';

/** Longest element of one item: a name, a handful of properties, a lock or two. */
const LONGEST_RECORD = 256 * 1024;
/** From so many children on (the list view threshold) a query limit may have cut a listing off without a word. */
const SMALLEST_SUSPICIOUS = 5_000;
/** Limits are round numbers: a listing that ends at one may have met one that nobody told of. */
const SMALLEST_ROUND = 1_000;
const ROUND = 500;

/** What a folder above the threshold may be refused with (protocol notes 2.2). */
const THRESHOLD_STATUSES: ReadonlySet<number> = new Set([403, 500, 504]);

export async function* list(
  remote: Remote,
  path: DrivePath,
  options: RequestOptions,
): AsyncGenerator<ListingPage> {
  const response = await ask(remote, path, options);
  if (response.status !== 207) {
    yield* listAfterRefusal(remote, path, response, options);
    return;
  }
  if (remote.rest === null) yield* pagesOf(remote, path, response);
  else yield* wholeListing(remote, remote.rest, { path, response }, options);
}

async function* wholeListing(
  remote: Remote,
  rest: RestClient,
  { path, response }: { readonly path: DrivePath; readonly response: HttpResponse },
  options: RequestOptions,
): AsyncGenerator<ListingPage> {
  const seen = new Set<string>();
  let count: Promise<number | null> | null = null;
  for await (const page of pagesOf(remote, path, response)) {
    for (const item of page.items) seen.add(item.name);
    if (isSuspicious(remote, seen.size)) count ??= countMeanwhile(remote, rest, path, options);
    yield page;
  }
  // Where nobody tells how many there are, a round number is no more than one.
  const isLess =
    count !== null
      ? isCutOff(await count, seen.size)
      : isRound(seen.size) && isCutOff((await childCount(remote, rest, path, options)) ?? 0, seen.size);
  if (isLess) yield* whatWasCutOff(remote, path, seen, options);
}

/** Asked for while the rest of the listing is on its way; that it failed is said to whoever waits for it. */
function countMeanwhile(
  remote: Remote,
  rest: RestClient,
  path: DrivePath,
  options: RequestOptions,
): Promise<number | null> {
  const count = childCount(remote, rest, path, options);
  count.catch(() => undefined);
  return count;
}

function ask(remote: Remote, path: DrivePath, options: RequestOptions): Promise<HttpResponse> {
  const request = metadataRequest('PROPFIND', remote.locations.folderUrl(path), options, {
    headers: { depth: '1', 'content-type': 'application/xml; charset=utf-8' },
    body: bytesBody(PROPERTIES_BODY),
    mayBePacked: true,
  });
  const silenceMs = Math.max(request.silenceMs, CONTENT_SILENCE_MS);
  return remote.dav.send({ ...request, silenceMs, hasOtherWay: remote.rest !== null }, options.signal);
}

async function* pagesOf(
  remote: Remote,
  path: DrivePath,
  response: HttpResponse,
): AsyncGenerator<ListingPage> {
  const askedUrl = remote.locations.folderUrl(path);
  const records = xmlRecords(response.body, {
    record: 'response',
    root: 'multistatus',
    longestRecord: LONGEST_RECORD,
  });
  let hasFolder = false;
  for await (const batch of records) {
    let folder: DriveItem | null = null;
    const items: DriveItem[] = [];
    await inSlices(groups(batch), (group) => {
      for (const entry of parseDavEntries(group)) {
        const place = entry === null ? null : remote.locations.pathOfHref(entry.href, askedUrl);
        if (entry !== null && place === null && remote.locations.isServersOwn(entry.href, askedUrl)) continue;
        if (entry === null || place === null) throw unreadableListing(path);
        const refusal = refusalIn(entry, 'list', place);
        if (refusal !== null && isHidden(refusal)) continue;
        if (refusal !== null) throw refusal;
        if (isSame(remote, place, path)) folder = folderItem(remote, path, entry);
        else items.push(childItem(remote, path, place, entry));
      }
    });
    hasFolder ||= folder !== null;
    yield { folder, items };
  }
  if (!hasFolder) throw unreadableListing(path);
}

/** Enough at once to be cheap, few enough to be short. */
const GROUP = 16;

function groups(records: readonly string[]): (readonly string[])[] {
  const found: (readonly string[])[] = [];
  for (let at = 0; at < records.length; at += GROUP) found.push(records.slice(at, at + GROUP));
  return found;
}

function folderItem(remote: Remote, path: DrivePath, entry: DavEntry): DriveItem {
  const item = davItem(path, entry, remote.dialect);
  if (item.kind !== 'folder') throw new DriveError('absent', `${path}: not a folder`);
  return item;
}

function childItem(remote: Remote, path: DrivePath, place: DrivePath, entry: DavEntry): DriveItem {
  const slash = place.lastIndexOf('/');
  const parent = slash === 0 ? '/' : place.slice(0, slash);
  if (!isSame(remote, parent, path)) throw unreadableListing(path);
  // under the path that was asked for, in case the server spells it in another case
  const name = place.slice(slash + 1);
  return davItem(path === '/' ? `/${name}` : `${path}/${name}`, entry, remote.dialect);
}

function isSame(remote: Remote, one: DrivePath, other: DrivePath): boolean {
  return (
    one === other ||
    // some keep names in composed form, whatever they are asked for
    one.normalize() === other.normalize() ||
    (remote.dialect.capabilities.caseInsensitive && one.toLowerCase() === other.toLowerCase())
  );
}

async function* listAfterRefusal(
  remote: Remote,
  path: DrivePath,
  response: HttpResponse,
  options: RequestOptions,
): AsyncGenerator<ListingPage> {
  const refusal = { status: response.status, headers: response.headers, text: await errorText(response) };
  if (remote.rest !== null && mayBeThreshold(refusal)) {
    remote.log.info({ path, status: refusal.status }, 'listing the folder by REST');
    yield* listByRest(remote, path, options);
    return;
  }
  if (refusal.status < 300) throw unreadableListing(path);
  // the slash behind a file's name is a mistake to some servers, and absent to others
  if (refusal.status === 400 && (await stat(remote, path, options)).kind === 'file') {
    throw new DriveError('absent', `${path}: not a folder`);
  }
  throw driveErrorOf(refusal, 'list', path);
}

/** Some say no more than a status. A folder that is closed to us is refused by REST as well. */
function mayBeThreshold(refusal: Refusal): boolean {
  return isThreshold(refusal) || THRESHOLD_STATUSES.has(refusal.status);
}

/** A site of one's own may have a lower threshold, which its list has told. */
function isSuspicious({ ways }: Remote, count: number): boolean {
  return count >= Math.min(SMALLEST_SUSPICIOUS, ways.pageRows);
}

/** The folder itself may have counted as well. */
function isRound(count: number): boolean {
  return count >= SMALLEST_ROUND - 1 && (count % ROUND === 0 || (count + 1) % ROUND === 0);
}

function isCutOff(count: number | null, seen: number): boolean {
  return count === null || count > seen;
}

async function* whatWasCutOff(
  remote: Remote,
  path: DrivePath,
  seen: ReadonlySet<string>,
  options: RequestOptions,
): AsyncGenerator<ListingPage> {
  for await (const { items } of listByRest(remote, path, options)) {
    yield { folder: null, items: items.filter(({ name }) => !seen.has(name)) };
  }
}
