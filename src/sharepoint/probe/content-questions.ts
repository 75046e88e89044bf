/** Protocol notes 7, question 5: parts of files, by WebDAV and by REST. */
import type { Answer, Asker } from './asker.js';
import type { ProbePlace } from './place.js';
import type { ProbeAnswer, Verdict } from './probe-report.js';

const ONE_BYTE = { range: 'bytes=1-1' };

export async function contentQuestions(asker: Asker, place: ProbePlace): Promise<ProbeAnswer[]> {
  const { file } = place;
  if (file === null)
    return [nothingToRead('dav-range'), nothingToRead('dav-if-range'), nothingToRead('rest-range')];
  const byDav = await asker.ask({ method: 'GET', url: file.url, headers: ONE_BYTE });
  const stale = { ...ONE_BYTE, 'if-range': '"{00000000-0000-0000-0000-000000000000},1"' };
  const outdated = await asker.ask({ method: 'GET', url: file.url, headers: stale });
  const byRest = await asker.ask({ method: 'GET', url: valueUrl(place, file.url), headers: ONE_BYTE });
  return [
    { id: 'dav-range', question: RANGE_BY_DAV, verdict: isPart(byDav), seen: seenIn(byDav) },
    { id: 'dav-if-range', question: IF_RANGE, verdict: isWhole(outdated, file.size), seen: seenIn(outdated) },
    { id: 'rest-range', question: RANGE_BY_REST, verdict: isPart(byRest), seen: seenIn(byRest) },
  ];
}

const RANGE_BY_DAV = 'Does GET heed a range?';
const IF_RANGE = 'Does GET give the whole file when If-Range names another version?';
const RANGE_BY_REST = 'Does $value heed a range?';

function valueUrl({ webUrl }: ProbePlace, file: URL): URL {
  const path = decodeURIComponent(file.pathname).replaceAll("'", "''");
  const literal = encodeURIComponent(path).replaceAll("'", '%27');
  return new URL(`${webUrl.href}/_api/web/GetFileByServerRelativePath(decodedurl=@f)/$value?@f='${literal}'`);
}

function isPart({ status, text }: Answer): Verdict {
  if (status === 206 && text.length === 1) return 'yes';
  return status === 200 || status === 416 ? 'no' : 'unknown';
}

function isWhole({ status }: Answer, size: number): Verdict {
  if (size < 3) return 'unknown';
  if (status === 200) return 'yes';
  return status === 206 ? 'no' : 'unknown';
}

function seenIn({ status, headers, tookMs }: Answer): ProbeAnswer['seen'] {
  return { status, tookMs, acceptRanges: headers['accept-ranges'] ?? null };
}

function nothingToRead(id: string): ProbeAnswer {
  const question = { 'dav-range': RANGE_BY_DAV, 'dav-if-range': IF_RANGE }[id] ?? RANGE_BY_REST;
  return { id, question, verdict: 'unknown', seen: { reason: 'no small file at the top of the library' } };
}
