import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientFor } from '../../support/standin-client.js';

test('T2.7 GET and HEAD: the headers of the service, 304, ranges', async (t) => {
  const client = await clientFor(t);
  const modifiedMs = Date.UTC(2020, 0, 2, 3, 4, 5);
  client.standin.control.drive().write('a.png', '0123456789', { modifiedMs });
  const whole = await client.dav('GET', '/a.png');
  assert.equal(whole.status, 200);
  assert.equal(whole.text, '0123456789');
  assert.match(String(whole.headers.etag), /^"\{[0-9A-F-]{36}\},1"$/);
  assert.match(String(whole.headers.resourcetag), /^rt:[0-9A-F-]{36}@00000000001$/);
  assert.equal(whole.headers['last-modified'], 'Thu, 02 Jan 2020 03:04:05 GMT');
  assert.equal(whole.headers['content-type'], 'image/png');
  assert.equal(whole.headers['cache-control'], 'private,max-age=0');
  assert.equal(whole.headers['x-sharepointhealthscore'], '0');
  assert.equal(whole.headers.sprequestguid, whole.headers['request-id']);
  const head = await client.dav('HEAD', '/a.png');
  assert.equal(head.headers['content-length'], '10');
  assert.equal(head.headers.etag, whole.headers.etag);
  const etag = String(whole.headers.etag);
  const unchanged = await client.dav('GET', '/a.png', { headers: { 'If-None-Match': etag } });
  assert.equal(unchanged.status, 304);
  const part = await client.dav('GET', '/a.png', { headers: { Range: 'bytes=2-4' } });
  assert.equal(part.status, 206);
  assert.equal(part.text, '234');
  assert.equal(part.headers['content-range'], 'bytes 2-4/10');
  const tail = await client.dav('GET', '/a.png', { headers: { Range: 'bytes=-3' } });
  assert.equal(tail.text, '789');
  const past = await client.dav('GET', '/a.png', { headers: { Range: 'bytes=10-' } });
  assert.equal(past.status, 416);
  assert.equal(past.headers['content-range'], 'bytes */10');
});

test('T2.7 switches: ranges ignored, If-Range', async (t) => {
  const client = await clientFor(t);
  client.standin.control.drive().write('a.bin', '0123456789');
  const range = { Range: 'bytes=2-4', 'If-Range': '"old"' };
  assert.equal((await client.dav('GET', '/a.bin', { headers: range })).status, 200);
  client.standin.control.set({ ifRange: false });
  assert.equal((await client.dav('GET', '/a.bin', { headers: range })).status, 206);
  client.standin.control.set({ ranges: 'ignore' });
  const ignored = await client.dav('GET', '/a.bin', { headers: { Range: 'bytes=2-4' } });
  assert.equal(ignored.status, 200);
  assert.equal(ignored.text.length, 10);
});

test('pages are executed unless their source is asked for', async (t) => {
  const client = await clientFor(t);
  client.standin.control.drive().write('a.aspx', '<%= 1 %>');
  assert.match((await client.dav('GET', '/a.aspx')).text, /was executed/);
  assert.equal((await client.dav('GET', '/a.aspx', { headers: { Translate: 'f' } })).text, '<%= 1 %>');
});

test('a download goes on with the version that it began', async (t) => {
  const client = await clientFor(t);
  const { control } = client.standin;
  const size = 3 * 1024 * 1024;
  control.drive().write('a.bin', { pattern: 1, size });
  const expected = await control.drive().read('a.bin');
  control.set({ bytesPerSecond: 16 * 1024 * 1024 });
  let downloading: ReturnType<typeof client.dav> | undefined;
  await new Promise<void>((begun) => {
    downloading = client.dav('GET', '/a.bin', { begun });
  });
  control.drive().write('a.bin', 'another');
  assert.ok((await downloading)!.bytes.equals(expected));
});

test('T2.18 combined GET and PUT, where the switch allows them', async (t) => {
  const client = await clientFor(t);
  client.standin.control.drive().write('a.txt', 'content');
  const ask = { headers: { 'X-MSDAVEXT': 'PROPFIND' } };
  assert.equal((await client.dav('GET', '/a.txt', ask)).text, 'content');
  client.standin.control.set({ msdavext: true });
  const got = await client.dav('GET', '/a.txt', ask);
  assert.equal(got.headers['content-type'], 'multipart/MSDAVEXTPrefixEncoded');
  const length = Number.parseInt(got.text.slice(0, 16), 16);
  assert.match(got.text.slice(16, 16 + length), /<D:getcontentlength>7</);
  assert.equal(got.text.slice(16 + length), '0000000000000007content');
  const xml =
    '<D:propertyupdate xmlns:D="DAV:" xmlns:Z="urn:schemas-microsoft-com:"><D:set><D:prop><Z:Win32FileAttributes>00000021</Z:Win32FileAttributes></D:prop></D:set></D:propertyupdate>';
  const hex = (text: string) => text.length.toString(16).padStart(16, '0');
  const put = (body: string) =>
    client.dav('PUT', '/b.txt', { body, headers: { 'Content-Type': 'multipart/MSDAVEXTPrefixEncoded' } });
  assert.equal((await put(`${hex(xml)}${xml}${hex('new')}new`)).status, 201);
  assert.equal((await client.standin.control.drive().read('b.txt')).toString(), 'new');
  assert.equal((await put(`${hex(xml)}${xml}${hex('new')}short and wrong`)).status, 400);
  assert.equal((await put('nonsense')).status, 400);
  assert.equal((await client.standin.control.drive().read('b.txt')).toString(), 'new');
});
