/** Protocol notes 7, questions 2 and 8: what WebDAV does here. */
import { type Asker, seenIn } from './asker.js';
import { countResponses, type ProbePlace } from './place.js';
import type { ProbeAnswer } from './probe-report.js';

const XML = { 'content-type': 'application/xml; charset=utf-8' };
const QUOTA = `<?xml version="1.0" encoding="utf-8"?>
<D:propfind xmlns:D="DAV:"><D:prop><D:quota-available-bytes/><D:quota-used-bytes/></D:prop></D:propfind>`;
const NAMES = `<?xml version="1.0" encoding="utf-8"?>
<D:propfind xmlns:D="DAV:"><D:prop><D:getlastmodified/></D:prop></D:propfind>`;

/** A listing of everything may be huge: this much of it tells. */
const ENOUGH_BYTES = 256 * 1024;
/** The list view's threshold (protocol notes 2.2). */
const LARGE_FOLDER = 5_000;

export async function davQuestions(asker: Asker, place: ProbePlace): Promise<ProbeAnswer[]> {
  return [
    await options(asker, place),
    await quota(asker, place),
    await dates(asker, place),
    await depthInfinity(asker, place),
    largeFolder(place),
  ];
}

async function options(asker: Asker, { libraryUrl }: ProbePlace): Promise<ProbeAnswer> {
  const { status, headers, tookMs } = await asker.ask({ method: 'OPTIONS', url: libraryUrl });
  const seen = { status, tookMs, dav: headers.dav ?? null, author: headers['ms-author-via'] ?? null };
  const verdict = /(^|,)\s*1\b/.test(headers.dav ?? '') ? 'yes' : status === 0 ? 'unknown' : 'no';
  return { id: 'dav', question: 'Is WebDAV there?', verdict, seen };
}

async function quota(asker: Asker, { libraryUrl }: ProbePlace): Promise<ProbeAnswer> {
  const answer = await asker.ask({
    method: 'PROPFIND',
    url: libraryUrl,
    headers: { ...XML, depth: '0' },
    body: QUOTA,
  });
  const { status, text } = answer;
  const told = /quota-(?:used|available)-bytes[^<]*>\s*\d+\s*</i.test(text);
  const verdict = status === 207 ? (told ? 'yes' : 'no') : 'unknown';
  return { id: 'dav-quota', question: 'Does PROPFIND tell the quota?', verdict, seen: seenIn(answer) };
}

async function dates(asker: Asker, { libraryUrl }: ProbePlace): Promise<ProbeAnswer> {
  const answer = await asker.ask({
    method: 'PROPFIND',
    url: libraryUrl,
    headers: { ...XML, depth: '0' },
    body: NAMES,
  });
  const { text } = answer;
  const date = /getlastmodified[^<]*>([^<]*)</i.exec(text)?.[1] ?? '';
  const form = /^\w{3}, \d/.test(date) ? 'RFC 1123' : /^\d{4}-/.test(date) ? 'ISO 8601' : null;
  const verdict = form === null ? 'unknown' : form === 'RFC 1123' ? 'yes' : 'no';
  return {
    id: 'dav-dates',
    question: 'Are dates as HTTP writes them?',
    verdict,
    seen: { ...seenIn(answer), form },
  };
}

async function depthInfinity(asker: Asker, { libraryUrl, topEntries }: ProbePlace): Promise<ProbeAnswer> {
  const answer = await asker.ask({
    method: 'PROPFIND',
    url: libraryUrl,
    headers: { ...XML, depth: 'infinity' },
    body: NAMES,
    longestBytes: ENOUGH_BYTES,
  });
  const { status, text, isCut } = answer;
  const entries = await countResponses(text);
  const isDeep = isCut || entries > topEntries + 1;
  const verdict = status === 207 ? (isDeep ? 'yes' : 'unknown') : status === 0 ? 'unknown' : 'no';
  const seen = { ...seenIn(answer), entries, isCut };
  return { id: 'dav-depth-infinity', question: 'Does PROPFIND list a whole tree?', verdict, seen };
}

/** The listing was made to find a file; a top folder that is large answers for all large folders. */
function largeFolder({ topEntries }: ProbePlace): ProbeAnswer {
  const verdict = topEntries > LARGE_FOLDER ? 'yes' : 'unknown';
  const question = 'Does PROPFIND list a folder above the list view threshold?';
  return { id: 'dav-large-folder', question, verdict, seen: { topEntries } };
}
