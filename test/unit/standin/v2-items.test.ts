import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientFor, json, SITE } from '../../support/standin-client.js';
import { v2For } from '../../support/standin-v2.js';

test('T3.9 cookies alone are 401, unless a switch lets them in; a bearer is fine', async (t) => {
  const client = await clientFor(t);
  const path = `${SITE}/_api/v2.0/drives`;
  const refused = await client.send('GET', path);
  assert.equal(refused.status, 401);
  assert.deepEqual((json(refused).error as { code: string }).code, 'unauthenticated');
  client.standin.control.set({ v2Cookies: true });
  assert.equal((await client.send('GET', path)).status, 200);
  client.standin.control.set({ v2Cookies: false });
  const v2 = v2For(client);
  const drives = json(await v2('GET', 'drives')).value as Array<{ id: string; quota: { total: number } }>;
  assert.match(drives[0]!.id, /^b!/);
  assert.equal(drives[0]!.quota.total, 1_099_511_627_776);
});

test('T3.9 items by id and by path, children in pages, content by a link of its own', async (t) => {
  const client = await clientFor(t);
  const v2 = v2For(client);
  const drive = client.standin.control.drive();
  drive.write('f/a b#.txt', 'content', { modifiedMs: Date.UTC(2020, 0, 2, 3, 4, 5) });
  for (const name of ['b', 'c']) drive.write(`f/${name}.txt`, name);
  const item = json(await v2('GET', 'drive/root:/f/a%20b%23.txt')) as Record<string, unknown> & {
    id: string;
  };
  assert.equal(item.name, 'a b#.txt');
  assert.equal(item.size, 7);
  assert.match(String(item.eTag), /^"\{[0-9A-F-]{36}\},1"$/);
  assert.equal(
    (item.fileSystemInfo as { lastModifiedDateTime: string }).lastModifiedDateTime,
    '2020-01-02T03:04:05Z',
  );
  assert.equal(json(await v2('GET', `drive/items/${item.id}`)).name, 'a b#.txt');
  const first = json(await v2('GET', 'drive/root:/f:/children?$top=2'));
  assert.equal((first.value as unknown[]).length, 2);
  const next = String(first['@odata.nextLink']);
  const second = json(await v2('GET', next.slice(next.indexOf('/_api/v2.0/') + '/_api/v2.0/'.length)));
  assert.equal((second.value as unknown[]).length, 1);
  const redirect = await v2('GET', `drive/items/${item.id}/content`);
  assert.equal(redirect.status, 302);
  const link = String(redirect.headers.location).slice(client.standin.origin.length);
  assert.equal((await client.send('GET', link, { signedIn: false })).text, 'content');
  const forged = link.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  assert.notEqual((await client.send('GET', forged, { signedIn: false })).status, 200);
  client.standin.control.clock.advance(3_601_000);
  assert.notEqual((await client.send('GET', link, { signedIn: false })).text, 'content');
});

test('T3.9 create, change, replace, remove; conflicts and conditions', async (t) => {
  const client = await clientFor(t);
  const v2 = v2For(client);
  const drive = client.standin.control.drive();
  const folder = { name: 'f', folder: {}, '@microsoft.graph.conflictBehavior': 'fail' };
  assert.equal((await v2('POST', 'drive/root/children', folder)).status, 201);
  const conflict = await v2('POST', 'drive/root/children', folder);
  assert.equal(conflict.status, 409);
  assert.equal((json(conflict).error as { code: string }).code, 'nameAlreadyExists');
  const renamed = await v2('POST', 'drive/root/children', {
    ...folder,
    '@microsoft.graph.conflictBehavior': 'rename',
  });
  assert.equal(json(renamed).name, 'f 1');
  const put = await v2('PUT', 'drive/root:/f/a.txt:/content', 'bytes');
  assert.equal(put.status, 201);
  const { id, eTag } = json(put) as { id: string; eTag: string };
  const stale = await v2('PUT', 'drive/root:/f/a.txt:/content', 'more', {
    'If-Match': eTag.replace(',1"', ',9"'),
  });
  assert.equal(stale.status, 412);
  const fileSystemInfo = { lastModifiedDateTime: '2020-01-02T03:04:05.678Z' };
  const patched = json(await v2('PATCH', `drive/items/${id}`, { name: 'b.txt', fileSystemInfo }));
  assert.equal(patched.name, 'b.txt');
  assert.equal(drive.item('f/b.txt').modifiedMs, Date.UTC(2020, 0, 2, 3, 4, 5));
  assert.equal((await v2('DELETE', `drive/items/${id}`)).status, 204);
  assert.equal((await v2('GET', `drive/items/${id}`)).status, 404);
});

test('T3.9 delta: pages, then changes, then 410 for what is too old', async (t) => {
  const client = await clientFor(t);
  const v2 = v2For(client);
  const { control } = client.standin;
  const drive = control.drive();
  for (const path of ['a.txt', 'f/b.txt', 'f/c.txt']) drive.write(path, 'x');
  const follow = (link: unknown) => v2('GET', String(link).replace(/^.*\/_api\/v2\.0\//, ''));
  const names: unknown[] = [];
  let page = json(await v2('GET', 'drive/root/delta?$top=2'));
  for (;;) {
    names.push(...(page.value as Array<{ name: string }>).map((item) => item.name));
    if (page['@odata.nextLink'] === undefined) break;
    page = json(await follow(`${page['@odata.nextLink']}&$top=2`));
  }
  assert.deepEqual(names, ['root', 'a.txt', 'f', 'b.txt', 'c.txt']);
  const gone = (await control.tree()).find((entry) => entry.path === 'a.txt')!;
  drive.remove('a.txt');
  drive.write('f/b.txt', 'changed');
  const changes = json(await follow(page['@odata.deltaLink'])).value as Array<Record<string, unknown>>;
  assert.deepEqual(
    changes.map((item) => item.name ?? item.deleted),
    [{ state: 'deleted' }, 'b.txt'],
  );
  assert.notEqual(changes[0]!.id, gone.id);
  const latest = json(await v2('GET', 'drive/root/delta?token=latest'));
  assert.deepEqual(latest.value, []);
  control.clock.advance(61 * 86_400_000);
  const tooOld = await v2For(client)(
    'GET',
    String(latest['@odata.deltaLink']).replace(/^.*\/_api\/v2\.0\//, ''),
  );
  assert.equal(tooOld.status, 410);
  assert.match(String(tooOld.headers.location), /\/root\/delta$/);
});

test('T3.9 a batch in which some fail', async (t) => {
  const client = await clientFor(t);
  const v2 = v2For(client);
  client.standin.control.drive().write('a.txt', 'x');
  const got = await v2('POST', '$batch', {
    requests: [
      { id: '1', method: 'GET', url: '/drive/root:/a.txt' },
      { id: '2', method: 'GET', url: '/drive/root:/absent.txt' },
      { id: '3', method: 'POST', url: 'drive/root/children', body: { name: 'f', folder: {} } },
    ],
  });
  const responses = json(got).responses as Array<{ id: string; status: number; body: { name?: string } }>;
  assert.deepEqual(
    responses.map(({ id, status }) => [id, status]),
    [
      ['1', 200],
      ['2', 404],
      ['3', 201],
    ],
  );
  assert.equal(responses[0]!.body.name, 'a.txt');
  assert.equal((await v2('POST', '$batch', { requests: 'none' })).status, 400);
});
