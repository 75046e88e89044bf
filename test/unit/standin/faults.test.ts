import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { clientFor, hrefs, LIBRARY, SITE } from '../../support/standin-client.js';

test('T2.14 a session that ends: 403, and a transfer that is cut when it ends on the way', async (t) => {
  const client = await clientFor(t);
  const { control } = client.standin;
  const size = 4 * 1024 * 1024;
  control.drive().write('a.bin', { pattern: 1, size });
  control.set({ cutTransferAfterExpiry: true, bytesPerSecond: 1024 * 1024 });
  control.log.clear();
  const downloading = client.dav('GET', '/a.bin');
  const isOnItsWay = () => control.counts().peakConcurrency > 0;
  while (!isOnItsWay()) await nextTurn();
  // Four seconds of transfer are ahead; it is on its way once the session has been looked at.
  setTimeout(() => control.expire('cookies'), 100);
  await assert.rejects(downloading, /aborted|ECONNRESET/);
  const refused = await client.dav('GET', '/a.bin');
  assert.equal(refused.status, 403);
  assert.equal(refused.text, '403 FORBIDDEN');
  const rest = await client.send('GET', `${SITE}/_api/web`, { headers: { Accept: 'application/json' } });
  assert.equal(rest.status, 401);
});

test('T2.14 policy block: good cookies, the same 917656', async (t) => {
  const client = await clientFor(t, { switches: { policyBlock: true } });
  const refused = await client.dav('PROPFIND', '/', { headers: { Depth: '0' } });
  assert.equal(refused.status, 403);
  assert.match(String(refused.headers['x-msdavext_error']), /^917656; /);
});

test('T5.1 countdown faults strike once each, and only where they are aimed', async (t) => {
  const client = await clientFor(t);
  const { control } = client.standin;
  control.drive().write('a.txt', '0123456789');
  const get = () => client.dav('GET', '/a.txt');
  control.set({ failNext: 1, failStatus: 502, faultMatch: 'GET ' });
  assert.equal((await client.dav('HEAD', '/a.txt')).status, 200);
  assert.equal((await get()).status, 502);
  assert.equal((await get()).status, 200);
  control.set({ dropNext: 1 });
  await assert.rejects(get());
  control.set({ htmlInsteadOfFile: 1 });
  assert.match(String((await get()).headers['content-type']), /^text\/html/);
  control.set({ resetBodiesNext: 1 });
  await assert.rejects(get());
  control.set({ redirectToPlain: 1 });
  assert.match(String((await get()).headers.location), /^http:/);
  control.set({ faultMatch: '', redirectDav: 1 });
  assert.equal((await client.dav('PROPFIND', '/', { headers: { Depth: '0' } })).status, 302);
  control.set({ spuriousUnauthorizedEvery: 1 });
  assert.match((await get()).text, /Unable to initialize RPS/);
});

test('T5.1 a write may take effect although its answer is lost', async (t) => {
  const client = await clientFor(t);
  const { control } = client.standin;
  control.set({ completeThenDropNext: 1 });
  await assert.rejects(client.dav('PUT', '/a.txt', { body: 'kept' }));
  assert.equal((await control.drive().read('a.txt')).toString(), 'kept');
});

test('T5.2 uploads and downloads are reset at byte n', async (t) => {
  const client = await clientFor(t);
  const { control } = client.standin;
  control.drive().write('a.bin', { pattern: 1, size: 300_000 });
  control.set({ resetBodyAfterBytes: 100_000 });
  await assert.rejects(client.dav('GET', '/a.bin'));
  control.set({ resetBodyAfterBytes: 0, resetUploadAfterBytes: 100_000 });
  await assert.rejects(client.dav('PUT', '/a.bin', { body: Buffer.alloc(400_000) }));
  control.set({ resetUploadAfterBytes: 0 });
  assert.equal(control.drive().item('a.bin').version, 1);
});

test('T5.2 a hanging request ends when connections are cut', async (t) => {
  const client = await clientFor(t);
  const { control } = client.standin;
  control.set({ hangNext: 1 });
  const hanging = client.dav('GET', '/');
  while (control.switches.hangNext > 0) await new Promise((resolve) => setTimeout(resolve, 2));
  control.cutConnections();
  await assert.rejects(hanging);
});

test('T5.1 files that are infected, checked out, retained, shorter than listed', async (t) => {
  const client = await clientFor(t, {
    switches: { infectedName: 'bad', checkedOutName: 'out', retainedName: 'kept', shortServedName: '.heic' },
  });
  const drive = client.standin.control.drive();
  for (const name of ['bad.txt', 'out.txt', 'a.heic']) drive.write(name, '0123456789');
  client.standin.control.set({ retainedName: '' });
  drive.write('kept.txt', '0123456789');
  client.standin.control.set({ retainedName: 'kept' });
  const infected = await client.dav('GET', '/bad.txt');
  assert.equal(infected.status, 403);
  assert.ok(infected.headers['x-virus-infected']);
  assert.equal((await client.dav('PROPFIND', '/bad.txt', { headers: { Depth: '0' } })).status, 207);
  assert.equal((await client.dav('PUT', '/out.txt', { body: 'x' })).status, 423);
  assert.equal((await client.dav('PUT', '/kept.txt', { body: 'x' })).status, 403);
  assert.equal((await client.dav('DELETE', '/kept.txt')).status, 403);
  assert.equal((await client.dav('GET', '/a.heic')).bytes.length, 3);
  assert.equal((await client.dav('GET', '/a.heic', { headers: { Range: 'bytes=5-' } })).status, 416);
});

test('T5.1 the hostile profile still serves a patient client', async (t) => {
  const client = await clientFor(t, { profile: 'hostile' });
  const { control } = client.standin;
  const patiently = async (send: () => Promise<{ status: number }>) => {
    for (let attempt = 0; attempt < 20; attempt++) {
      const { status } = await send();
      if (status < 400) return status;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('the stand-in never gave in');
  };
  await patiently(() => client.dav('PUT', '/a.txt', { body: 'x' }));
  assert.equal(await patiently(() => client.dav('GET', '/a.txt')), 200);
  control.useProfile('default');
  assert.equal(control.switches.honourIfMatch, true);
});

test('T5.1 switches for the quirks of WebDAV: empty files, Depth 1 on files, & in hrefs', async (t) => {
  const client = await clientFor(t, {
    switches: {
      emptyPut: 'create',
      listFiles: true,
      hrefAmpersand: 'encoded',
      upperCaseUniqueIds: true,
    },
  });
  assert.equal((await client.dav('PUT', '/a&b.txt', { body: '' })).status, 201);
  const got = await client.dav('PROPFIND', '/a&b.txt', { headers: { Depth: '1' } });
  assert.equal(got.status, 207);
  assert.match(got.text, /<D:href>[^<]*\/a%26b\.txt<\/D:href>/);
  const folder = await client.send(
    'GET',
    `${SITE}/_api/web/GetFolderByServerRelativePath(decodedurl='${LIBRARY}')`,
    {
      headers: { Accept: 'application/json' },
    },
  );
  assert.match(folder.text, /"UniqueId":"[0-9A-F-]{36}"/);
});

test('a listing that is on its way shows nothing of what was removed meanwhile', async (t) => {
  const client = await clientFor(t);
  const { control } = client.standin;
  await control.drive().fill({ under: 'top', folders: 1, filesPerFolder: 3000, size: 1 });
  control.set({ bytesPerSecond: 2_000_000 });
  const listing = client.dav('PROPFIND', '/top/folder-000000', { headers: { Depth: '1' } });
  while (control.counts().peakConcurrency === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await new Promise((resolve) => setTimeout(resolve, 10));
  control.drive().remove('top');
  const names = hrefs(await listing);
  assert.ok(names.length < 3001);
  assert.ok(names.every((name) => name.includes('/Documents/top/folder-000000')));
});
