import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientFor, LIBRARY, type StandinClient } from '../../support/standin-client.js';

const to = (client: StandinClient, path: string, more: Record<string, string> = {}) => ({
  headers: { Destination: `${client.standin.origin}${LIBRARY}${path}`, ...more },
});

test('T2.11 MKCOL 201, 405, 409; DELETE 204, 404, whole folders', async (t) => {
  const client = await clientFor(t);
  assert.equal((await client.dav('MKCOL', '/f/')).status, 201);
  assert.equal((await client.dav('MKCOL', '/F/')).status, 405);
  assert.equal((await client.dav('MKCOL', '/absent/f/')).status, 409);
  client.standin.control.drive().write('f/g/a.txt', 'x');
  assert.equal((await client.dav('DELETE', '/f/')).status, 204);
  assert.equal(client.standin.control.drive().has('f/g/a.txt'), false);
  assert.equal((await client.dav('DELETE', '/f/')).status, 404);
  client.standin.control.set({ missingDeleteStatus: 204 });
  assert.equal((await client.dav('DELETE', '/f/')).status, 204);
});

test('T2.12 MOVE keeps the GUID, COPY makes a new one', async (t) => {
  const client = await clientFor(t);
  const drive = client.standin.control.drive();
  drive.write('a.txt', 'x');
  drive.write('f/inner/b.txt', 'y');
  const ids = async () =>
    new Map((await client.standin.control.tree()).map((entry) => [entry.path, entry.id]));
  const before = await ids();
  assert.equal((await client.dav('MOVE', '/a.txt', to(client, '/f/c.txt'))).status, 201);
  assert.equal((await client.dav('MOVE', '/f', to(client, '/g'))).status, 201);
  assert.equal((await client.dav('COPY', '/g', to(client, '/h'))).status, 201);
  const after = await ids();
  assert.equal(after.get('g/c.txt'), before.get('a.txt'));
  assert.equal(after.get('g/inner/b.txt'), before.get('f/inner/b.txt'));
  assert.notEqual(after.get('h/inner/b.txt'), after.get('g/inner/b.txt'));
  assert.equal((await drive.read('h/inner/b.txt')).toString(), 'y');
  assert.equal(drive.has('f'), false);
});

test('T2.9 T2.12 Overwrite, missing parents, absent sources, into itself', async (t) => {
  const client = await clientFor(t);
  const drive = client.standin.control.drive();
  drive.write('a.txt', 'a');
  drive.write('b.txt', 'b');
  drive.makeFolder('f/g');
  for (const method of ['MOVE', 'COPY']) {
    assert.equal((await client.dav(method, '/a.txt', to(client, '/b.txt', { Overwrite: 'F' }))).status, 412);
    assert.equal((await client.dav(method, '/a.txt', to(client, '/absent/c.txt'))).status, 409);
    assert.equal((await client.dav(method, '/absent.txt', to(client, '/c.txt'))).status, 404);
    assert.equal((await client.dav(method, '/f', to(client, '/f/g/h'))).status, 403);
    const elsewhere = { headers: { Destination: 'http://elsewhere.test/x' } };
    assert.equal((await client.dav(method, '/a.txt', elsewhere)).status, 502);
  }
  assert.equal((await client.dav('COPY', '/a.txt', to(client, '/b.txt'))).status, 204);
  assert.equal((await client.dav('MOVE', '/a.txt', to(client, '/b.txt', { Overwrite: 'T' }))).status, 204);
  assert.equal((await drive.read('b.txt')).toString(), 'a');
});

test('T2.12 a slow folder MOVE: 504, and yet it happens', async (t) => {
  const client = await clientFor(t, { switches: { folderMoveTimeoutMs: 5 } });
  const drive = client.standin.control.drive();
  drive.write('f/a.txt', 'x');
  assert.equal((await client.dav('MOVE', '/f', to(client, '/g'))).status, 504);
  while (!drive.has('g/a.txt')) await new Promise((resolve) => setTimeout(resolve, 2));
  assert.equal(drive.has('f'), false);
});

test('T2.15 names that are refused, whatever asks for them', async (t) => {
  const client = await clientFor(t);
  const bad = [
    'a:b',
    'a*b',
    'a?b',
    'a<b',
    'a>b',
    'a|b',
    'a"b',
    'a\\b',
    ' a',
    'a ',
    'a.',
    'CON',
    'lpt1',
    'desktop.ini',
  ];
  for (const name of [...bad, '.lock', '~$a.docx', 'my_vti_x', 'forms', `${'n'.repeat(256)}`]) {
    const path = `/${encodeURIComponent(name)}`;
    assert.equal((await client.dav('PUT', path, { body: 'x' })).status, 400, name);
    assert.equal((await client.dav('MKCOL', path)).status, 400, name);
  }
  client.standin.control.set({ badNameStatus: 403 });
  assert.equal((await client.dav('PUT', '/a%3Ab', { body: 'x' })).status, 403);
  for (const name of ['#1 100%', "it's & more", 'é', 'com', '~a', '.hidden', 'Forms2']) {
    assert.equal((await client.dav('PUT', `/${encodeURIComponent(name)}`, { body: 'x' })).status, 201, name);
  }
});

test('T2.15 case does not matter but is kept; Unicode is not normalised', async (t) => {
  const client = await clientFor(t);
  const drive = client.standin.control.drive();
  await client.dav('PUT', '/Hello.txt', { body: 'one' });
  assert.equal((await client.dav('PUT', '/hello.TXT', { body: 'two' })).status, 200);
  assert.deepEqual(
    (await client.standin.control.tree()).map((entry) => entry.path),
    ['Hello.txt'],
  );
  assert.equal((await client.dav('GET', '/HELLO.txt')).text, 'two');
  assert.equal((await client.dav('MOVE', '/Hello.txt', to(client, '/hello.txt'))).status, 201);
  assert.equal(drive.item('hello.txt').name, 'hello.txt');
  client.standin.control.set({ caseRename: 'refuse' });
  assert.equal((await client.dav('MOVE', '/hello.txt', to(client, '/HELLO.txt'))).status, 412);
  await client.dav('PUT', `/${encodeURIComponent('\u00e9')}`, { body: 'nfc' });
  await client.dav('PUT', `/${encodeURIComponent('e\u0301')}`, { body: 'nfd' });
  assert.equal((await client.standin.control.tree()).length, 3);
});

test('T2.15 a path of 400 characters is too long', async (t) => {
  const client = await clientFor(t);
  const folder = 'd'.repeat(200);
  client.standin.control.drive().makeFolder(folder);
  const room = 400 - `${LIBRARY}/${folder}/`.slice(1).length;
  assert.equal((await client.dav('PUT', `/${folder}/${'n'.repeat(room - 1)}`, { body: 'x' })).status, 201);
  const refused = await client.dav('PUT', `/${folder}/${'n'.repeat(room)}`, { body: 'x' });
  assert.equal(refused.status, 400);
  assert.match(refused.text, /pathIsTooLong/);
});

test('T2.17 what was created or changed a moment ago may not show', async (t) => {
  const client = await clientFor(t);
  const { control } = client.standin;
  control.clock.freeze();
  control.set({ visibilityLagMs: 500, staleVersionMs: 500 });
  const etag = String((await client.dav('PUT', '/a.txt', { body: 'one' })).headers.etag);
  assert.equal((await client.dav('GET', '/a.txt')).status, 404);
  assert.equal((await client.dav('MKCOL', '/a.txt')).status, 405);
  control.clock.advance(500);
  assert.equal((await client.dav('GET', '/a.txt')).status, 200);
  await client.dav('PUT', '/a.txt', { body: 'two' });
  assert.equal((await client.dav('HEAD', '/a.txt')).headers.etag, etag);
  control.clock.advance(500);
  assert.equal((await client.dav('HEAD', '/a.txt')).headers.etag, etag.replace(',1"', ',2"'));
});

test('T2.17 one listing may leave out an entry', async (t) => {
  const client = await clientFor(t);
  const { control } = client.standin;
  control.drive().write('a.txt', 'x');
  control.drive().write('b.txt', 'x');
  control.set({ omitFromListings: 1 });
  const list = async () => (await client.dav('PROPFIND', '/', { headers: { Depth: '1' } })).text;
  assert.doesNotMatch(await list(), /b\.txt/);
  assert.match(await list(), /b\.txt/);
});
