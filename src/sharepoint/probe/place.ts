/** The parts of a drive that questions are tried on: found by listing, never named in the report. */
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
  const entries = status === 207 ? responsesIn(text) : [];
  const file = entries.map((entry) => fileIn(entry, url)).find((found) => found !== null) ?? null;
  return { webUrl, libraryUrl: url, file, topEntries: Math.max(0, entries.length - 1) };
}

/** How many things a multistatus answer tells of. */
export function countResponses(text: string): number {
  return responsesIn(text).length;
}

/** Enough for counting and for one file; what the drive relies on is parsed properly elsewhere. */
function responsesIn(text: string): string[] {
  return text.split(/<(?:\w+:)?response[\s>]/i).slice(1);
}

function fileIn(entry: string, base: URL): ProbePlace['file'] {
  const value = (name: string) =>
    new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([^<]*)<`, 'i').exec(entry)?.[1]?.trim() ?? '';
  const size = Number(value('getcontentlength'));
  const isFolder = /<(?:\w+:)?collection[\s/>]/i.test(entry) || /^(1|t|true)$/i.test(value('iscollection'));
  const etag = value('getetag').replaceAll('&quot;', '"');
  if (isFolder || !(size >= 2 && size <= LARGEST_FILE_BYTES) || etag === '') return null;
  const url = new URL(value('href').replaceAll('&amp;', '&'), base);
  return url.origin === base.origin ? { url, etag, size } : null;
}
