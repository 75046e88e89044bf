/** The parts of a drive that questions are tried on: found by listing, never named in the report. */
import { DriveError } from '../../drive/index.js';
import { davItem, identifyByPath } from '../wire/dav-item.js';
import { parseDavEntry } from '../wire/multistatus.js';
import { textOf } from '../wire/xml.js';
import { xmlRecords } from '../wire/xml-records.js';
import type { Asker } from './asker.js';

export interface ProbePlace {
  readonly webUrl: URL;
  /** The library, with a trailing slash. */
  readonly libraryUrl: URL;
  /** A file of some bytes; null when there is none at the top. */
  readonly file: { readonly url: URL; readonly etag: string; readonly size: number } | null;
  readonly topEntries: number;
}

const LISTING = `<?xml version="1.0" encoding="utf-8"?>
<D:propfind xmlns:D="DAV:"><D:prop><D:getcontentlength/><D:getetag/><D:iscollection/><D:resourcetype/></D:prop></D:propfind>`;

const SHAPE = { record: 'response', root: 'multistatus', longestRecord: 256 * 1024 };
const CHUNK_BYTES = 64 * 1024;
/** Whether an ETag can be trusted is not asked here. */
const READING = { identify: identifyByPath, trustsEtags: true };

/** Small enough to be fetched whole where a server does not heed ranges. */
const LARGEST_FILE_BYTES = 1024 * 1024;

export async function findPlace(asker: Asker, webUrl: URL, libraryUrl: URL): Promise<ProbePlace> {
  const url = new URL(libraryUrl.href.endsWith('/') ? libraryUrl.href : `${libraryUrl.href}/`);
  const { status, text } = await asker.ask({
    method: 'PROPFIND',
    url,
    headers: { depth: '1', 'content-type': 'application/xml; charset=utf-8' },
    body: LISTING,
  });
  const entries = status === 207 ? await responsesIn(text) : [];
  const file = entries.map((entry) => fileIn(entry, url)).find((found) => found !== null) ?? null;
  return { webUrl, libraryUrl: url, file, topEntries: Math.max(0, entries.length - 1) };
}

/** How many things a multistatus answer tells of. */
export async function countResponses(text: string): Promise<number> {
  return (await responsesIn(text)).length;
}

/** As far as the text goes: of a long answer no more was read than it takes to judge. */
async function responsesIn(text: string): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const records of xmlRecords(chunksOf(text), SHAPE)) for (const one of records) found.push(one);
  } catch (error) {
    if (!(error instanceof DriveError)) throw error;
  }
  return found;
}

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

function fileIn(record: string, base: URL): ProbePlace['file'] {
  const entry = entryIn(record);
  if (entry === null || !URL.canParse(entry.href, base.href)) return null;
  const url = new URL(entry.href, base);
  const { kind, size } = davItem(url.pathname, entry, READING);
  const etag = textOf(entry.properties, 'getetag') ?? '';
  if (kind === 'folder' || !(size >= 2 && size <= LARGEST_FILE_BYTES) || etag === '') return null;
  return url.origin === base.origin ? { url, etag, size } : null;
}

/** Null for what does not parse: others may. */
function entryIn(record: string): ReturnType<typeof parseDavEntry> {
  try {
    return parseDavEntry(record);
  } catch (error) {
    if (error instanceof DriveError) return null;
    throw error;
  }
}
