import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DriveError } from '../../../src/drive/index.js';
import { parseBatch, writeBatch } from '../../../src/sharepoint/wire/batch.js';
import { parseChangeRowset } from '../../../src/sharepoint/wire/change-rowset.js';
import { contentRange } from '../../../src/sharepoint/wire/content-range.js';
import { parseDavDate } from '../../../src/sharepoint/wire/dav-date.js';
import { davItem, identifyByGuid } from '../../../src/sharepoint/wire/dav-item.js';
import { driveErrorOf, type Verb } from '../../../src/sharepoint/wire/drive-error.js';
import { itemIdIn, revisionIn, versionOf } from '../../../src/sharepoint/wire/etag.js';
import { DATE_WRITINGS } from '../../../src/sharepoint/wire/form-date.js';
import { fieldFailure } from '../../../src/sharepoint/wire/form-result.js';
import { parseDavEntry } from '../../../src/sharepoint/wire/multistatus.js';
import { isDigestRefusal } from '../../../src/sharepoint/wire/rest-error.js';
import { pauseAskedFor, rateLimit, retryAfterMs } from '../../../src/sharepoint/wire/retry-after.js';
import { decodeEntities } from '../../../src/sharepoint/wire/xml.js';

const GUID = '15B92016-CABA-4F16-B893-3833A61CE8F2';

test('dates in all their forms', () => {
  const moment = Date.UTC(2014, 3, 3, 13, 12, 52);
  for (const text of [
    'Thu, 03 Apr 2014 13:12:52 GMT',
    'Thu, 3 Apr 2014 13:12:52 GMT',
    '3 Apr 2014 13:12:52',
    '2014-04-03T13:12:52Z',
    '2014-04-03T13:12:52.123Z',
    '2014-04-03T15:12:52+02:00',
    '2014-04-03 13:12:52',
    'Thu Apr  3 13:12:52 2014',
    'Thu Apr  3 13:12:52 UTC 2014',
    'Thu, 03 Apr 2014 13:12:52 CET',
    'Thu, 03 Apr 2014 15:12:52 +0200',
    'Thu, 03 Apr 2014 09:42:52 -03:30',
    'Thursday, 03-Apr-14 13:12:52 GMT',
  ]) {
    assert.equal(parseDavDate(text), moment, text);
  }
  assert.equal(parseDavDate('Sunday, 06-Nov-94 08:49:37 GMT'), Date.UTC(1994, 10, 6, 8, 49, 37));
  assert.equal(parseDavDate('yesterday'), null);
  assert.equal(parseDavDate(''), null);
});

test('ETags: one spelling for all, ids in lower case without braces', () => {
  assert.equal(versionOf(`"{${GUID}},1"`), versionOf(`W/"${GUID.toLowerCase()},1pub"`));
  assert.equal(versionOf('"abc-1"'), versionOf('W/"abc-1"'));
  assert.equal(itemIdIn(`rid:{${GUID}}`), GUID.toLowerCase());
  assert.equal(itemIdIn('"abc"'), null);
  assert.equal(revisionIn(versionOf(`"{${GUID}},12"`)), 12);
});

test('entities are decoded once', () => {
  assert.equal(decodeEntities('a&amp;lt;b&#x20;&#233;&quot;&bogus;'), 'a&lt;b é"&bogus;');
});

const READING = { identify: identifyByGuid, trustsEtags: true };

test('folders and files in the dialects of the notes', () => {
  const entry = (properties: string) =>
    parseDavEntry(
      `<D:response><D:href>/f/</D:href><D:propstat><D:prop>${properties}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>` +
        '<D:propstat><D:prop><D:getetag>nothing</D:getetag></D:prop><D:status>HTTP/1.1 404 NOT FOUND</D:status></D:propstat></D:response>',
    )!;
  const kindOf = (properties: string) => davItem('/f', entry(properties), READING).kind;
  assert.equal(kindOf('<D:resourcetype><D:collection/></D:resourcetype>'), 'folder');
  assert.equal(kindOf('<D:iscollection>1</D:iscollection>'), 'folder');
  assert.equal(kindOf('<D:iscollection>true</D:iscollection><D:resourcetype/>'), 'folder');
  assert.equal(kindOf('<D:isFolder>t</D:isFolder>'), 'folder');
  assert.equal(kindOf('<D:iscollection>0</D:iscollection>'), 'file');
  assert.equal(kindOf('<D:iscollection>false</D:iscollection>'), 'file');
  assert.equal(kindOf('<D:resourcetype/>'), 'file');
  const item = davItem(
    '/f',
    entry(
      `<a:getetag>&quot;{${GUID}},3&quot;</a:getetag><a:getcontentlength>7</a:getcontentlength><D:iscollection>0</D:iscollection>`,
    ),
    READING,
  );
  assert.deepEqual([item.id, item.size, item.version], [GUID.toLowerCase(), 7, `"{${GUID}},3"`]);
});

test('ranges and pauses', () => {
  assert.deepEqual(contentRange('bytes 0-9/20'), { start: 0, end: 10, total: 20 });
  assert.deepEqual(contentRange('bytes 5-5/*'), { start: 5, end: 6, total: null });
  assert.equal(contentRange('bytes */20')?.total, 20);
  assert.equal(contentRange('bytes 9-5/20'), null);
  assert.equal(contentRange(undefined), null);
  const now = Date.UTC(2026, 0, 1);
  assert.equal(retryAfterMs('7', now), 7_000);
  assert.equal(retryAfterMs('Thu, 01 Jan 2026 00:00:09 GMT', now), 9_000);
  assert.equal(retryAfterMs('Wed, 31 Dec 2025 00:00:00 GMT', now), 0);
  assert.equal(retryAfterMs('soon', now), null);
  assert.equal(retryAfterMs(undefined, now), null);
  const late = { date: 'Thu, 01 Jan 2026 01:00:00 GMT', 'retry-after': 'Thu, 01 Jan 2026 01:00:07 GMT' };
  assert.equal(pauseAskedFor(late, now), 7_000, "by the server's own clock");
  assert.equal(pauseAskedFor({ 'retry-after': 'Thu, 01 Jan 2026 00:00:05 GMT' }, now), 5_000);
  assert.deepEqual(rateLimit({ 'ratelimit-remaining': '0', 'ratelimit-reset': '31' }), {
    remaining: 0,
    resetMs: 31_000,
  });
});

test('a drive that is full is known by its code, or where that says nothing by the words', () => {
  const said = (value: string, code = '-1, Microsoft.SharePoint.SPException') =>
    JSON.stringify({ 'odata.error': { code, message: { lang: 'en-US', value } } });
  const kindOf = (status: number, text: string) =>
    driveErrorOf({ status, headers: {}, text }, 'replace', '/a').kind;
  assert.equal(kindOf(403, said('Nein', '-2147024784, Microsoft.SharePoint.SPException')), 'full');
  assert.equal(kindOf(400, said('The site has exceeded its maximum file storage limit.')), 'full');
  assert.equal(kindOf(403, 'Your storage quota has been exceeded.'), 'full');
  assert.equal(kindOf(403, said('quota.xlsx: Access denied.')), 'denied');
});

test('a name that is refused by the status alone is told in words', () => {
  const told = (verb: Verb) =>
    driveErrorOf({ status: 400, headers: {}, text: '<html>400</html>' }, verb, '/a').message;
  assert.equal(told('create'), '/a: no name, or too long a path, for this server (HTTP status 400)');
  assert.equal(told('stat'), '/a: HTTP status 400');
});

test('refusals: three shapes, the codes of the notes, the statuses as the verb means them', () => {
  const kindOf = (status: number, text: string, verb: Verb = 'stat') =>
    driveErrorOf({ status, headers: {}, text }, verb, '/a').kind;
  const verbose = (code: string) =>
    JSON.stringify({ error: { code, message: { lang: 'de', value: 'Nein' } } });
  const minimal = (code: string) => JSON.stringify({ 'odata.error': { code, message: { value: 'Nein' } } });
  const older = (code: string) => JSON.stringify({ error: { code, message: 'Nein' } });
  assert.equal(kindOf(400, verbose('-2130575257, Microsoft.SharePoint.SPException')), 'exists');
  assert.equal(kindOf(500, minimal('-2147024894, System.IO.FileNotFoundException')), 'absent');
  assert.equal(kindOf(409, verbose('-2130575305, Microsoft.SharePoint.SPException')), 'changed');
  assert.equal(kindOf(400, older('pathIsTooLong')), 'bad-name');
  assert.equal(kindOf(423, '', 'replace'), 'locked');
  assert.equal(kindOf(405, '', 'makeDirectory'), 'exists');
  assert.equal(kindOf(409, '', 'makeDirectory'), 'absent');
  assert.equal(kindOf(412, '', 'move'), 'exists');
  assert.equal(kindOf(412, '', 'replace'), 'changed');
  assert.equal(kindOf(413, '', 'replace'), 'too-large');
  assert.equal(kindOf(507, ''), 'full');
  assert.equal(kindOf(503, ''), 'throttled');
  assert.equal(kindOf(502, ''), 'unreachable');
  assert.equal(kindOf(418, ''), 'protocol');
  assert.ok(driveErrorOf({ status: 400, headers: {}, text: older('x') }, 'stat', '/a') instanceof DriveError);
  assert.ok(isDigestRefusal(verbose('-2130575251, Microsoft.SharePoint.SPException')));
  assert.ok(isDigestRefusal(minimal('-2130575251, Microsoft.SharePoint.SPException')));
});

test('batches: what is written is well-formed, answers come nested or flat', () => {
  const url = new URL('https://h/_api/x');
  const text = writeBatch(
    [{ method: 'POST', url, body: '{"a":1}' }],
    [{ method: 'GET', url, body: null }],
    'G',
  );
  assert.match(
    text,
    /^--batch_G\r\nContent-Type: multipart\/mixed; boundary="changeset_G"\r\n\r\n--changeset_G\r\n/,
  );
  assert.match(text, /\r\n\r\nPOST https:\/\/h\/_api\/x HTTP\/1\.1\r\n/);
  assert.ok(text.endsWith('--batch_G--\r\n'));
  const one = 'Content-Type: application/http\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\n\r\n{"value":[]}\r\n';
  const two = 'Content-Type: application/http\r\n\r\nHTTP/1.1 404 Not Found\r\n\r\n{"error":1}\r\n';
  const flat = `--batchresponse_1\r\n${one}--batchresponse_1\r\n${two}--batchresponse_1--\r\n`;
  const nested = `--b\r\nContent-Type: multipart/mixed; boundary=changesetresponse_2\r\n\r\n--changesetresponse_2\r\n${one}--changesetresponse_2--\r\n\r\n--batchresponse_1\r\n${two}--batchresponse_1--`;
  const expected = [
    { status: 200, text: '{"value":[]}' },
    { status: 404, text: '{"error":1}' },
  ];
  assert.deepEqual(parseBatch(flat), expected);
  assert.deepEqual(parseBatch(nested), expected);
});

test('change rowsets', async () => {
  const rowset = await parseChangeRowset(
    '<listitems xmlns:rs="r" xmlns:z="z"><Changes LastChangeToken="1;3;a&amp;b" MoreChanges="TRUE">' +
      `<Id ChangeType="Delete" UniqueId="${GUID}">7</Id></Changes><rs:data ItemCount="1" ListItemCollectionPositionNext="Paged=TRUE&amp;p_ID=10">` +
      `<z:row ows_FileRef='3;#x/a > &apos;b&apos;' ows_UniqueId="3;#{${GUID}}"/></rs:data></listitems>`,
  );
  assert.equal(rowset.lastToken, '1;3;a&b');
  assert.equal(rowset.more, true);
  assert.equal(rowset.position, 'Paged=TRUE&p_ID=10');
  assert.deepEqual(rowset.marks, [{ type: 'Delete', uniqueId: GUID }]);
  assert.equal(rowset.rows[0]!.FileRef, "3;#x/a > 'b'");
});

test('a change rowset that came in JSON, or in an element', async () => {
  const xml = `<listitems><Changes LastChangeToken="1;3;a"><Id ChangeType="Delete" UniqueId="${GUID}">7</Id></Changes></listitems>`;
  for (const answer of [{ d: { GetListItemChangesSinceToken: xml } }, { value: xml }]) {
    const { lastToken, marks } = await parseChangeRowset(JSON.stringify(answer));
    assert.deepEqual([lastToken, marks.length], ['1;3;a', 1]);
  }
  const text = xml.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const element = `<?xml version="1.0"?>\n<d:GetListItemChangesSinceToken xmlns:d="d">${text}</d:GetListItemChangesSinceToken>`;
  assert.equal((await parseChangeRowset(element)).lastToken, '1;3;a');
  for (const answer of ['{', '{}', '{"value":1}'])
    assert.equal((await parseChangeRowset(answer)).lastToken, null);
});

test('a rowset of far more rows than were asked for does not keep the event loop to itself', async () => {
  const row = (number: number) =>
    `<z:row ows_ID="${number}" ows_FileRef="${number};#x/a" ows_UniqueId="${number};#{${GUID}}"/>`;
  const rows = Array.from({ length: 20_000 }, (_, number) => row(number));
  let turns = 0;
  const turn = () => {
    turns += 1;
    next = setImmediate(turn);
  };
  let next = setImmediate(turn);
  const rowset = await parseChangeRowset(`<listitems><rs:data>${rows.join('')}</rs:data></listitems>`);
  clearImmediate(next);
  assert.equal(rowset.rows.length, rows.length);
  assert.ok(turns > 1, `${turns} turns`);
});

test('times as form values, and what the server says about them', () => {
  const moment = Date.UTC(2026, 10, 2, 0, 5, 9);
  assert.deepEqual(
    DATE_WRITINGS.map((write) => write(moment)),
    ['2026-11-02 00:05:09', '11/2/2026 12:05:09 AM', '11/2/2026 12:05 AM', '02/11/2026 00:05:09'],
  );
  const results = (failed: boolean) => [
    { FieldName: 'Modified', HasException: failed, ErrorMessage: 'no date' },
  ];
  assert.equal(fieldFailure(JSON.stringify({ value: results(true) })), 'no date');
  assert.equal(
    fieldFailure(JSON.stringify({ d: { ValidateUpdateListItem: { results: results(true) } } })),
    'no date',
  );
  assert.equal(fieldFailure(JSON.stringify({ value: results(false) })), null);
});
