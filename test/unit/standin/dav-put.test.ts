import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { clientFor, LIBRARY } from '../../support/standin-client.js';

test('T2.8 PUT creates and replaces, and tells the ETag', async (t) => {
  const client = await clientFor(t);
  const made = await client.dav('PUT', '/a.txt', { body: 'one' });
  assert.equal(`${made.status} ${made.reason}`, '201 CREATED');
  assert.equal(made.headers['content-length'], '0');
  assert.equal(made.headers['accept-ranges'], 'bytes');
  const replaced = await client.dav('PUT', '/a.txt', { body: 'two' });
  assert.equal(replaced.status, 200);
  assert.equal(replaced.headers.etag, String(made.headers.etag).replace(',1"', ',2"'));
  assert.equal((await client.dav('GET', '/a.txt')).text, 'two');
});

test('T2.8 an empty PUT is 200 in HTML and does nothing', async (t) => {
  const client = await clientFor(t);
  client.standin.control.drive().write('old.txt', 'old');
  for (const path of ['/new.txt', '/old.txt']) {
    const got = await client.dav('PUT', path, { body: '' });
    assert.equal(got.status, 200);
    assert.equal(got.headers['content-type'], 'text/html; charset=windows-1252');
    assert.equal(got.headers['transfer-encoding'], 'chunked');
  }
  assert.equal(client.standin.control.drive().has('new.txt'), false);
  assert.equal((await client.dav('GET', '/old.txt')).text, 'old');
});

test('T2.8 chunked bodies, bodies that are too large, places that are none', async (t) => {
  const client = await clientFor(t, { switches: { davMaxPutBytes: 100 } });
  async function* pieces(count: number): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < count; at++) yield Buffer.from('0123456789');
  }
  assert.equal((await client.dav('PUT', '/a.txt', { pieces: pieces(2) })).status, 411);
  client.standin.control.set({ chunkedPut: 'accept' });
  assert.equal((await client.dav('PUT', '/a.txt', { pieces: pieces(2) })).status, 201);
  assert.equal((await client.dav('PUT', '/b.txt', { pieces: pieces(11) })).status, 413);
  assert.equal((await client.dav('PUT', '/b.txt', { body: 'x'.repeat(101) })).status, 413);
  assert.equal((await client.dav('PUT', '/absent/b.txt', { body: 'x' })).status, 409);
  client.standin.control.drive().makeFolder('folder');
  assert.equal((await client.dav('PUT', '/folder', { body: 'x' })).status, 409);
  client.standin.control.set({ putOnFolderStatus: 405 });
  assert.equal((await client.dav('PUT', '/folder', { body: 'x' })).status, 405);
  assert.equal(client.standin.control.drive().has('b.txt'), false);
});

test('T2.8 an upload that breaks off leaves the old content', async (t) => {
  const client = await clientFor(t);
  const { control, port } = client.standin;
  control.drive().write('a.bin', 'old');
  const before = control.drive().item('a.bin').version;
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(
    `PUT ${LIBRARY}/a.bin HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nCookie: ${control.cookies()}\r\nContent-Length: 1000000\r\n\r\n`,
  );
  socket.write(Buffer.alloc(200_000));
  const seen = () => new Promise((resolve) => setTimeout(resolve, 5));
  while (control.counts().peakConcurrency === 0) await seen();
  socket.destroy();
  while (control.log.entries.length === 0) await seen();
  assert.equal((await control.drive().read('a.bin')).toString(), 'old');
  assert.equal(control.drive().item('a.bin').version, before);
});

test('T2.9 If-Match is honoured or not', async (t) => {
  const client = await clientFor(t);
  const etag = String((await client.dav('PUT', '/a.txt', { body: 'one' })).headers.etag);
  const put = (headers: Record<string, string>) => client.dav('PUT', '/a.txt', { body: 'next', headers });
  assert.equal((await put({ 'If-Match': etag })).status, 200);
  assert.equal((await put({ 'If-Match': etag })).status, 412);
  assert.equal((await put({ If: `([${etag}])` })).status, 412);
  assert.equal((await put({ 'If-None-Match': '*' })).status, 412);
  assert.equal((await client.dav('PUT', '/b.txt', { body: 'x', headers: { 'If-Match': etag } })).status, 412);
  client.standin.control.set({ honourIfMatch: false });
  assert.equal((await put({ 'If-Match': etag })).status, 200);
});

test('T2.13 the server rewrites what it understands: content grows, N moves, the listed size may lag', async (t) => {
  const client = await clientFor(t, { switches: { rewriteAfterMs: 5, rewriteSites: 'all' } });
  const { control } = client.standin;
  await client.dav('PUT', '/a.docx', { body: 'document' });
  await client.dav('PUT', '/a.bin', { body: 'document' });
  while (control.drive().item('a.docx').version === 1) await new Promise((resolve) => setTimeout(resolve, 2));
  const got = await client.dav('GET', '/a.docx');
  assert.ok(got.text.startsWith('document') && got.text.length > 'document'.length);
  assert.match(String(got.headers.etag), /,2"$/);
  assert.equal(control.drive().item('a.bin').version, 1);
  control.set({ staleListedSize: true });
  await client.dav('PUT', '/a.docx', { body: 'again' });
  while (control.drive().item('a.docx').version < 4) await new Promise((resolve) => setTimeout(resolve, 2));
  const listed = await client.dav('PROPFIND', '/a.docx', { headers: { Depth: '0' } });
  assert.match(listed.text, /<D:getcontentlength>5</);
  assert.ok((await client.dav('GET', '/a.docx')).bytes.length > 5);
});

test('100-continue: a body is asked for only when it is wanted', async (t) => {
  const client = await clientFor(t);
  const { port, control } = client.standin;
  const head = (path: string) =>
    `PUT ${LIBRARY}${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nCookie: ${control.cookies()}\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n`;
  const dial = () => {
    const socket = connect(port, '127.0.0.1');
    t.after(() => socket.destroy());
    return socket;
  };
  const answer = async (socket: Socket) => String((await once(socket, 'data'))[0]);
  const refused = dial();
  refused.write(head('/absent/a.txt'));
  assert.match(await answer(refused), /^HTTP\/1\.1 409 CONFLICT[\s\S]*Connection: close/);
  const taken = dial();
  taken.write(head('/a.txt'));
  assert.match(await answer(taken), /^HTTP\/1\.1 100 Continue/);
  taken.write('abc');
  assert.match(await answer(taken), /^HTTP\/1\.1 201 CREATED/);
});

test('T2.13 by default team sites rewrite and personal ones do not', async (t) => {
  const client = await clientFor(t, { switches: { rewriteAfterMs: 5 } });
  const { control } = client.standin;
  await client.dav('PUT', '/a.docx', { body: 'document' });
  await client.send('PUT', '/~root/sites/team/Shared%20Documents/a.docx', { body: 'document' });
  const team = control.drive('/sites/team');
  while (team.item('a.docx').version === 1) await new Promise((resolve) => setTimeout(resolve, 2));
  assert.equal(control.drive().item('a.docx').version, 1);
});
