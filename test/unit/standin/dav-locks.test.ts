import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientFor, LIBRARY, StandinClient, xmlText } from '../../support/standin-client.js';

const LOCK_INFO =
  '<?xml version="1.0"?><D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope>' +
  '<D:locktype><D:write/></D:locktype><D:owner><D:href>tests</D:href></D:owner></D:lockinfo>';

test('T2.10 LOCK, refresh, UNLOCK; the owner may write without the header, nobody else may', async (t) => {
  const client = await clientFor(t);
  client.standin.control.drive().write('a.txt', 'one');
  const locked = await client.dav('LOCK', '/a.txt', { body: LOCK_INFO, headers: { Timeout: 'Second-180' } });
  assert.equal(locked.status, 200);
  const token = String(locked.headers['lock-token']);
  assert.match(token, /^<opaquelocktoken:\{[0-9A-F-]{36}\}\d{8}T\d{6}Z>$/);
  assert.equal(xmlText(locked.text, 'D:timeout'), 'Second-180');
  const discovery = await client.dav('PROPFIND', '/a.txt', { headers: { Depth: '0' } });
  assert.match(discovery.text, /<D:activelock>.*opaquelocktoken/);
  const write = (headers: Record<string, string>) => client.dav('PUT', '/a.txt', { body: 'two', headers });
  assert.equal((await write({})).status, 200);
  assert.equal((await client.dav('DELETE', '/a.txt')).status, 423);
  const destination = { Destination: `${client.standin.origin}${LIBRARY}/b.txt` };
  assert.equal((await client.dav('MOVE', '/a.txt', { headers: destination })).status, 423);
  assert.equal((await client.dav('LOCK', '/a.txt', { body: LOCK_INFO })).status, 423);
  assert.equal((await write({ If: `(${token})` })).status, 200);
  assert.equal((await write({ 'Lock-Token': token })).status, 200);
  const renewed = await client.dav('LOCK', '/a.txt', { headers: { If: `(${token})`, Timeout: 'Infinite' } });
  assert.equal(xmlText(renewed.text, 'D:timeout'), 'Second-3600');
  assert.equal((await client.dav('UNLOCK', '/a.txt', { headers: { 'Lock-Token': '<other>' } })).status, 409);
  assert.equal((await client.dav('UNLOCK', '/a.txt', { headers: { 'Lock-Token': token } })).status, 204);
  assert.equal((await write({})).status, 200);
});

test('T2.10 a lock ends by the clock; locking what is not there makes it', async (t) => {
  const client = await clientFor(t);
  const locked = await client.dav('LOCK', '/new.txt', { body: LOCK_INFO, headers: { Timeout: 'Second-60' } });
  assert.equal(locked.status, 201);
  assert.equal(client.standin.control.drive().has('new.txt'), true);
  assert.equal((await client.dav('DELETE', '/new.txt')).status, 423);
  client.standin.control.clock.advance(61_000);
  assert.equal((await client.dav('PUT', '/new.txt', { body: 'x' })).status, 200);
  const token = String(locked.headers['lock-token']);
  assert.equal((await client.dav('LOCK', '/new.txt', { headers: { If: `(${token})` } })).status, 412);
});

test("T2.9 somebody else's lock is 423 for WebDAV and REST, until it ends", async (t) => {
  const client = await clientFor(t);
  const { control } = client.standin;
  control.drive().write('a.txt', 'one');
  control.drive().lock('a.txt', 60);
  for (const method of ['PUT', 'PROPPATCH', 'DELETE']) {
    assert.equal(
      (await client.dav(method, '/a.txt', { body: method === 'DELETE' ? '' : '<x/>' })).status,
      423,
      method,
    );
  }
  const path = `web/GetFileByServerRelativePath(decodedurl='${LIBRARY}/a.txt')/$value`;
  const got = await client.api('POST', path, { body: 'two', headers: { 'X-HTTP-Method': 'PUT' } });
  assert.equal(got.status, 423);
  assert.match(got.text, /-2147018894/);
  control.clock.advance(61_000);
  assert.equal((await client.dav('PUT', '/a.txt', { body: 'two' })).status, 200);
});

test('a personal site belongs to its owner alone', async (t) => {
  const client = await clientFor(t);
  const stranger = new StandinClient(client.standin, 'other@contoso.com');
  t.after(() => stranger.close());
  assert.equal((await stranger.dav('PROPFIND', '/', { headers: { Depth: '0' } })).status, 403);
});
