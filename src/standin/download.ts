/**
 * Serves the bytes of a file, for WebDAV GET, `$value` and the download links alike: headers of protocol notes 2.3,
 * 304, ranges, and what the quirk switches make of it. A download that has begun goes on with the version it began.
 */

import { type RangeAnswer, rangeOf } from './byte-range-header.js';
import { contentTypeOf } from './content-type.js';
import { etagText } from './etag.js';
import type { ReadView } from './read-view.js';
import type { Answer, StandinRequest } from './request.js';
import type { Site } from './sites.js';
import type { Content } from './store/content.js';
import type { FileItem } from './store/item.js';
import type { World } from './world.js';

const EXPIRES_BEFORE_MS = 15 * 86_400_000;
/** How much shorter than listed a converted picture is served. */
const SHORTER_BY_BYTES = 7;

export interface Download {
  readonly world: World;
  readonly request: StandinRequest;
  readonly site: Site;
  readonly view: ReadView;
  readonly file: FileItem;
  readonly honoursRange: boolean;
}

export async function serveFile(download: Download): Promise<void> {
  const { world, request, file } = download;
  const { switches } = world;
  if (switches.infectedName !== '' && file.name.includes(switches.infectedName))
    return refuseInfected(request, file);
  if (request.method === 'GET' && switches.htmlInsteadOfFile > 0) {
    switches.htmlInsteadOfFile--;
    return request.reply(viewerPage(file.name));
  }
  const tag = etagOf(download);
  if (request.headers['if-none-match'] === tag) {
    return request.reply({ status: 304, headers: { ETag: tag, 'Cache-Control': 'private,max-age=0' } });
  }
  const match = request.headers['if-match'];
  if (switches.honourIfMatch && match !== undefined && match !== '*' && match !== tag) {
    return request.reply({ status: 412 });
  }
  await sendContent(download, tag);
}

async function sendContent(download: Download, tag: string): Promise<void> {
  const { request, file, world } = download;
  const { content } = file;
  const { shortServedName } = world.switches;
  const isShort = shortServedName !== '' && file.name.endsWith(shortServedName);
  const size = isShort ? Math.max(0, content.size - SHORTER_BY_BYTES) : content.size;
  const range = requestedRange(download, tag, size);
  const headers = headersOf(download, tag);
  if (range === 'unsatisfiable') {
    return request.reply({ status: 416, headers: { ...headers, 'Content-Range': `bytes */${size}` } });
  }
  const { start, end } = range === 'whole' ? { start: 0, end: size } : range;
  const partial = range === 'whole' ? {} : { 'Content-Range': `bytes ${start}-${end - 1}/${size}` };
  content.retain();
  try {
    await request.reply({
      status: range === 'whole' ? 200 : 206,
      headers: { ...headers, ...partial, 'Content-Length': end - start },
      body: watched(download, content, start, end),
    });
  } finally {
    content.release();
  }
}

/** The bytes, cut when the session of the download ends on the way and a switch says that this matters. */
async function* watched(
  download: Download,
  content: Content,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  const { world, request } = download;
  for await (const bytes of content.read(start, end)) {
    if (world.switches.cutTransferAfterExpiry && 'invalid' in world.signIn.sessionOf(request))
      return request.cut();
    yield bytes;
  }
}

function requestedRange(download: Download, tag: string, size: number): RangeAnswer {
  if (!download.honoursRange) return 'whole';
  const condition = download.request.headers['if-range'];
  if (download.world.switches.ifRange && condition !== undefined && condition !== tag) return 'whole';
  return rangeOf(download.request.headers.range, size);
}

function etagOf({ world, view, site, file }: Download): string {
  return etagText(world, site.store.guidOf(file), view.show(file).version);
}

function headersOf({ world, view, site, file }: Download, tag: string): Record<string, string> {
  const shown = view.show(file);
  const guid = site.store.guidOf(file).toUpperCase();
  return {
    'Cache-Control': 'private,max-age=0',
    'Content-Type': contentTypeOf(file.name),
    Expires: new Date(world.clock.now() - EXPIRES_BEFORE_MS).toUTCString(),
    'Last-Modified': new Date(shown.modifiedMs).toUTCString(),
    'Accept-Ranges': 'bytes',
    ETag: tag,
    ResourceTag: `rt:${guid}@${String(shown.version).padStart(11, '0')}`,
    'Public-Extension': 'http://schemas.microsoft.com/repl-2',
  };
}

function refuseInfected(request: StandinRequest, file: FileItem): Promise<void> {
  return request.reply({
    status: 403,
    headers: {
      'x-virus-infected': `Virus:Stand-in/${file.number}`,
      'Content-Type': 'text/plain; charset=utf-8',
    },
    body: 'Sorry, this file is infected with a virus.',
  });
}

/** What a client that follows redirects without a session ends up with (protocol notes 2.9). */
function viewerPage(name: string): Answer {
  return {
    status: 200,
    headers: { 'Content-Type': 'text/html; charset=utf-8' },
    body: `<!DOCTYPE html><html><head><title>Sign in to your account</title></head><body data-file-length="${name.length}"></body></html>`,
  };
}
