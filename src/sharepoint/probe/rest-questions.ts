/** Protocol notes 7, questions 7 and 10, and what REST allows this session. POST is how REST reads here too. */
import { type Answer, type Asker, type Question, seenIn } from './asker.js';
import type { ProbePlace } from './place.js';
import type { ProbeAnswer, Verdict } from './probe-report.js';

const JSON_HEADERS = { accept: 'application/json;odata=nometadata' };
/** ContextInfo 1, ListData 2, ListSchema 4, FileSystemItemId 32, EnableMediaTAUrls 4096 (protocol notes 3.4, 3.7). */
const RENDER_OPTIONS = [2, 1 | 2 | 4 | 32, 1 | 2 | 4 | 32 | 4096] as const;

export async function restQuestions(asker: Asker, place: ProbePlace): Promise<ProbeAnswer[]> {
  const me = await asker.ask({
    method: 'GET',
    url: api(place, 'web/currentuser?$select=Id'),
    headers: JSON_HEADERS,
  });
  const usage = await asker.ask({ method: 'GET', url: api(place, 'site/usage'), headers: JSON_HEADERS });
  const digest = await requestDigest(asker, place);
  return [
    answer('rest-session', 'Does REST take this session (made in another process)?', okOf(me), me),
    answer('rest-usage', 'Does REST tell the quota?', okOf(usage), usage),
    answer('rest-digest', 'Is a request digest to be had?', digest === null ? 'no' : 'yes', null),
    ...(digest === null ? [] : await listQuestions(asker, place, digest)),
    await driveApi(asker, place),
  ];
}

/** Last, because a refusal looks like the end of the session. */
async function driveApi(asker: Asker, place: ProbePlace): Promise<ProbeAnswer> {
  const drives = await asker.ask({
    method: 'GET',
    url: api(place, 'v2.0/drive?$select=driveType'),
    headers: JSON_HEADERS,
  });
  return answer('v2-by-cookies', 'Does the v2 drive API take this session?', okOf(drives), drives);
}

async function listQuestions(asker: Asker, place: ProbePlace, digest: string): Promise<ProbeAnswer[]> {
  const ask = (method: string, body: object) =>
    asker.ask({ ...listCall(place, method), headers: writing(digest), body: JSON.stringify(body) });
  const changes = await ask('GetChanges', { query: { Item: true, Add: true, FetchLimit: '1' } });
  const since = await ask('GetListItemChangesSinceToken', { query: { RowLimit: '1' } });
  const answers = [
    answer('rest-changes', 'Does REST tell changes (GetChanges)?', okOf(changes), changes),
    answer('rest-changes-since', 'Does GetListItemChangesSinceToken answer?', okOf(since), since),
    await wholeList(ask),
    await batch(asker, place, digest),
  ];
  for (const options of RENDER_OPTIONS) {
    const rendered = await ask('RenderListDataAsStream', renderParameters(options));
    const hasToken = rendered.text.includes('.driveAccessToken');
    const verdict = okOf(rendered) === 'yes' ? (hasToken ? 'yes' : 'no') : 'unknown';
    const question = `Does RenderListDataAsStream with options ${options} hand out a drive token?`;
    answers.push(answer(`drive-token-${options}`, question, verdict, rendered));
  }
  return answers;
}

type Ask = (method: string, body: object) => Promise<Answer>;

/** As the tree is read: in pages as large as the list view threshold allows. */
async function wholeList(ask: Ask): Promise<ProbeAnswer> {
  const ViewXml = '<View Scope="RecursiveAll"><RowLimit Paged="TRUE">5000</RowLimit></View>';
  const all = await ask('RenderListDataAsStream', { parameters: { RenderOptions: 2, ViewXml } });
  const question = 'Does RenderListDataAsStream list the library in pages of 5,000?';
  const rows = all.text.match(/"UniqueId"/g)?.length ?? 0;
  return { id: 'rest-list', question, verdict: okOf(all), seen: { ...seenIn(all), rows, isCut: all.isCut } };
}

async function batch(asker: Asker, place: ProbePlace, digest: string): Promise<ProbeAnswer> {
  const inner = `GET ${api(place, 'web/currentuser?$select=Id').href} HTTP/1.1\r\naccept: application/json\r\n`;
  const part = `content-type: application/http\r\ncontent-transfer-encoding: binary\r\n\r\n${inner}`;
  const together = await asker.ask({
    method: 'POST',
    url: api(place, '$batch'),
    headers: { 'content-type': 'multipart/mixed; boundary="batch_probe"', 'x-requestdigest': digest },
    body: `--batch_probe\r\n${part}\r\n--batch_probe--\r\n`,
  });
  return answer('rest-batch', 'Does $batch answer?', okOf(together), together);
}

function renderParameters(options: number): object {
  const ViewXml = '<View Scope="RecursiveAll"><RowLimit Paged="TRUE">1</RowLimit></View>';
  return { parameters: { RenderOptions: options, ViewXml, DatesInUtc: true } };
}

async function requestDigest(asker: Asker, place: ProbePlace): Promise<string | null> {
  const { text } = await asker.ask({
    method: 'POST',
    url: api(place, 'contextinfo'),
    headers: JSON_HEADERS,
    body: '',
  });
  return /"FormDigestValue"\s*:\s*"([^"]+)"/.exec(text)?.[1] ?? null;
}

function api({ webUrl }: ProbePlace, call: string): URL {
  return new URL(`${webUrl.href.replace(/\/+$/, '')}/_api/${call}`);
}

function listCall(place: ProbePlace, method: string): Pick<Question, 'method' | 'url'> {
  const path = decodeURIComponent(place.libraryUrl.pathname).replace(/\/+$/, '').replaceAll("'", "''");
  const literal = encodeURIComponent(path).replaceAll("'", '%27');
  return { method: 'POST', url: api(place, `web/GetList(@l)/${method}?@l='${literal}'`) };
}

function writing(digest: string): Record<string, string> {
  return { ...JSON_HEADERS, 'content-type': 'application/json;odata=nometadata', 'x-requestdigest': digest };
}

function okOf({ status }: Answer): Verdict {
  if (status >= 200 && status < 300) return 'yes';
  return status === 0 || status >= 500 || status === 429 ? 'unknown' : 'no';
}

function answer(id: string, question: string, verdict: Verdict, seen: Answer | null): ProbeAnswer {
  return { id, question, verdict, seen: seen === null ? {} : seenIn(seen) };
}
