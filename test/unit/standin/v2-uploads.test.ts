import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientFor, json, type StandinClient } from '../../support/standin-client.js';
import { v2For } from '../../support/standin-v2.js';

const STEP = 327_680;

async function start(
  client: StandinClient,
  item: Record<string, unknown> = {},
  headers: Record<string, string> = {},
) {
  const got = await v2For(client)('POST', 'drive/root:/a.bin:/createUploadSession', { item }, headers);
  return { status: got.status, path: String(json(got).uploadUrl).slice(client.standin.origin.length) };
}

const put = (client: StandinClient, path: string, range: string, body: Uint8Array, headers = {}) =>
  client.send('PUT', path, {
    body,
    signedIn: false,
    headers: { 'Content-Range': `bytes ${range}`, ...headers },
  });

test('T3.9 fragments in order, multiples of 320 KiB, without credentials', async (t) => {
  const client = await clientFor(t);
  const { path } = await start(client, { fileSystemInfo: { lastModifiedDateTime: '2020-01-02T03:04:05Z' } });
  const total = 2 * STEP + 10;
  const odd = await put(client, path, `0-99/${total}`, Buffer.alloc(100));
  assert.equal(odd.status, 400);
  const withToken = await put(client, path, `0-${STEP - 1}/${total}`, Buffer.alloc(STEP), {
    Authorization: 'Bearer x',
  });
  assert.equal(withToken.status, 401);
  const first = await put(client, path, `0-${STEP - 1}/${total}`, Buffer.alloc(STEP, 'a'));
  assert.equal(first.status, 202);
  assert.deepEqual(json(first).nextExpectedRanges, [`${STEP}-`]);
  assert.equal((await put(client, path, `0-${STEP - 1}/${total}`, Buffer.alloc(STEP))).status, 416);
  assert.equal((await put(client, path, `${2 * STEP}-${total - 1}/${total}`, Buffer.alloc(10))).status, 416);
  assert.deepEqual(json(await client.send('GET', path, { signedIn: false })).nextExpectedRanges, [
    `${STEP}-`,
  ]);
  await put(client, path, `${STEP}-${2 * STEP - 1}/${total}`, Buffer.alloc(STEP, 'b'));
  assert.equal(client.standin.control.drive().has('a.bin'), false);
  const last = await put(client, path, `${2 * STEP}-${total - 1}/${total}`, Buffer.alloc(10, 'c'));
  assert.equal(last.status, 201);
  assert.equal(json(last).size, total);
  assert.equal(client.standin.control.drive().item('a.bin').modifiedMs, Date.UTC(2020, 0, 2, 3, 4, 5));
  assert.equal((await put(client, path, '0-9/10', Buffer.alloc(10))).status, 404);
});

test('T3.9 a name taken meanwhile is 409 at the end, or replaced, or renamed', async (t) => {
  const client = await clientFor(t);
  const drive = client.standin.control.drive();
  const upload = async (behaviour: string) => {
    drive.clear();
    const { path } = await start(client, { '@microsoft.graph.conflictBehavior': behaviour });
    drive.write('a.bin', 'meanwhile');
    return put(client, path, '0-2/3', Buffer.from('new'));
  };
  assert.equal((await upload('fail')).status, 409);
  assert.equal((await drive.read('a.bin')).toString(), 'meanwhile');
  assert.equal((await upload('replace')).status, 200);
  assert.equal((await drive.read('a.bin')).toString(), 'new');
  assert.equal(json(await upload('rename')).name, 'a 1.bin');
});

test('T3.9 if-match at the start is 412; a cancelled session is gone', async (t) => {
  const client = await clientFor(t);
  client.standin.control.drive().write('a.bin', 'old');
  const refused = await start(client, {}, { 'If-Match': '"{00000000-0000-0000-0000-000000000000},1"' });
  assert.equal(refused.status, 412);
  const { path } = await start(client);
  assert.equal((await client.send('DELETE', path, { signedIn: false })).status, 204);
  assert.equal((await client.send('GET', path, { signedIn: false })).status, 404);
});

test('T3.8 beyond the quota the drive API says 507', async (t) => {
  const client = await clientFor(t, { switches: { quotaBytes: 10 } });
  const got = await v2For(client)('PUT', 'drive/root:/a.bin:/content', 'more than ten');
  assert.equal(got.status, 507);
  assert.equal((json(got).error as { code: string }).code, 'quotaLimitReached');
  const { path } = await start(client);
  assert.equal((await put(client, path, '0-10/11', Buffer.alloc(11))).status, 507);
});
