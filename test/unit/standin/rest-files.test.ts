import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientFor, decodedUrl, json, LIBRARY, SITE } from '../../support/standin-client.js';

const ROOT = `web/GetFolderByServerRelativePath(decodedurl='${LIBRARY}')`;

test('T3.2 a file by its decoded path: quotes, #, %, aliases; Length as text', async (t) => {
  const client = await clientFor(t);
  const drive = client.standin.control.drive();
  const name = "it's #1 100% a&b+c.txt";
  drive.write(name, '12345', { modifiedMs: Date.UTC(2020, 0, 2, 3, 4, 5) });
  const direct = json(await client.api('GET', `web/GetFileByServerRelativePath(${decodedUrl(`/${name}`)})`));
  assert.equal(direct.Name, name);
  assert.equal(direct.Length, '5');
  assert.equal(direct.TimeLastModified, '2020-01-02T03:04:05Z');
  assert.match(String(direct.ETag), /^"\{[0-9A-F-]{36}\},1"$/);
  assert.equal(direct.UniqueId, drive.item(name) && (await client.standin.control.tree())[0]!.id);
  const literal = encodeURIComponent(`'${LIBRARY}/${name.replace(/'/g, "''")}'`);
  const aliased = await client.api('GET', `web/GetFileByServerRelativePath(decodedurl=@a1)?@a1=${literal}`);
  assert.equal(json(aliased).ServerRelativeUrl, `${LIBRARY}/${name}`);
  const byId = await client.api('GET', `web/GetFileById('${direct.UniqueId}')?$select=Name`);
  assert.deepEqual(json(byId), { Name: name });
  const content = await client.api(
    'GET',
    `web/GetFileByServerRelativePath(${decodedUrl(`/${name}`)})/$value`,
  );
  assert.equal(content.text, '12345');
  client.standin.control.set({ numbersAsStrings: false });
  const number = await client.api(
    'GET',
    `web/GetFileByServerRelativePath(${decodedUrl(`/${name}`)})?$select=Length`,
  );
  assert.equal(json(number).Length, 5);
});

test('T3.2 what is not there is 404 in the words of the service', async (t) => {
  const client = await clientFor(t);
  const got = await client.api('GET', `web/GetFileByServerRelativePath(${decodedUrl('/absent.txt')})`);
  assert.equal(got.status, 404);
  const told = json(got) as { 'odata.error': { code: string; message: { value: string } } };
  assert.match(told['odata.error'].code, /^-2147024894, /);
  assert.equal(told['odata.error'].message.value, 'File Not Found.');
  const folder = await client.api('GET', `web/GetFileByServerRelativePath(decodedurl='${LIBRARY}')`);
  assert.equal(folder.status, 404);
});

test('T3.3 AddUsingPath makes empty files too; collisions; stubs; $value with PUT', async (t) => {
  const client = await clientFor(t);
  const drive = client.standin.control.drive();
  const add = (name: string, overwrite: boolean, body = '') =>
    client.api('POST', `${ROOT}/Files/AddUsingPath(decodedurl='${name}',overwrite=${overwrite})`, { body });
  const made = await add('a.txt', false);
  assert.equal(made.status, 200);
  assert.equal(json(made).Length, '0');
  assert.equal(drive.has('a.txt'), true);
  const refused = await add('a.txt', false, 'x');
  assert.equal(refused.status, 400);
  assert.match(refused.text, /-2130575257/);
  assert.equal((await add('a.txt', true, 'content')).status, 200);
  assert.equal((await drive.read('a.txt')).toString(), 'content');
  const unique = await client.api(
    'POST',
    `${ROOT}/Files/AddUsingPath(decodedurl='a.txt',EnsureUniqueFileName=true)`,
    { body: 'x' },
  );
  assert.equal(json(unique).Name, 'a1.txt');
  assert.equal(
    (await client.api('POST', `${ROOT}/Files/AddStubUsingPath(decodedurl='stub.txt')`)).status,
    200,
  );
  assert.equal((await drive.read('stub.txt')).length, 0);
  const value = `web/GetFileByServerRelativePath(${decodedUrl('/a.txt')})/$value`;
  const put = await client.api('POST', value, { body: 'put', headers: { 'X-HTTP-Method': 'PUT' } });
  assert.equal(put.status, 204);
  assert.equal((await drive.read('a.txt')).toString(), 'put');
  const merged = await client.api('POST', value, { body: 'no', headers: { 'X-HTTP-Method': 'MERGE' } });
  assert.equal(merged.status, 400);
});

test('T3.3 a request beyond the limit is 400 InvalidClientQueryException', async (t) => {
  const client = await clientFor(t, { switches: { restMaxBytes: 1000 } });
  const got = await client.api('POST', `${ROOT}/Files/AddUsingPath(decodedurl='a.bin',overwrite=true)`, {
    body: 'x'.repeat(1001),
  });
  assert.equal(got.status, 400);
  assert.match(got.text, /InvalidClientQueryException.*too big.*1000 bytes/);
  assert.equal(client.standin.control.drive().has('a.bin'), false);
});

test('T3.5 recycle, DELETE by override with If-Match, restore', async (t) => {
  const client = await clientFor(t);
  const drive = client.standin.control.drive();
  drive.write('a.txt', 'x');
  const file = `web/GetFileByServerRelativePath(${decodedUrl('/a.txt')})`;
  const remove = (tag: string) =>
    client.api('POST', file, { headers: { 'X-HTTP-Method': 'DELETE', 'If-Match': tag } });
  assert.equal((await remove('"{00000000-0000-0000-0000-000000000000},1"')).status, 412);
  const recycled = await client.api('POST', `${file}/recycle()`);
  assert.equal(recycled.status, 200);
  assert.equal(drive.has('a.txt'), false);
  assert.equal(drive.restore(String(json(recycled).value)), true);
  assert.equal((await remove('*')).status, 200);
  assert.equal((await remove('*')).status, 404);
  drive.write('f/b.txt', 'x');
  const folder = `web/GetFolderByServerRelativePath(${decodedUrl('/f')})`;
  assert.equal((await client.api('POST', `${folder}/recycle()`)).status, 200);
  assert.deepEqual(await client.standin.control.tree(), []);
});

test('T3.5 MoveFileByPath and MoveFolderByPath: identity kept, overwrite asked for', async (t) => {
  const client = await clientFor(t);
  const drive = client.standin.control.drive();
  drive.write('a.txt', 'a', { modifiedMs: 1_600_000_000_000 });
  drive.write('b.txt', 'b');
  drive.write('f/c.txt', 'c');
  drive.makeFolder('g');
  const ids = new Map((await client.standin.control.tree()).map((entry) => [entry.path, entry.id]));
  const path = (below: string) => ({ DecodedUrl: `${client.standin.origin}${LIBRARY}/${below}` });
  const move = (what: string, from: string, to: string) =>
    client.api('POST', `SP.MoveCopyUtil.${what}`, {
      body: JSON.stringify({
        srcPath: path(from),
        destPath: path(to),
        options: { KeepBoth: false, RetainEditorAndModifiedOnMove: true },
      }),
    });
  assert.equal((await move('MoveFileByPath(overwrite=@a1)?@a1=false', 'a.txt', 'b.txt')).status, 400);
  assert.equal((await move('MoveFileByPath(overwrite=@a1)?@a1=true', 'a.txt', 'b.txt')).status, 200);
  assert.equal((await drive.read('b.txt')).toString(), 'a');
  assert.equal(drive.item('b.txt').modifiedMs, 1_600_000_000_000);
  assert.equal((await move('MoveFolderByPath', 'f', 'g')).status, 400);
  assert.equal((await move('MoveFolderByPath', 'f', 'g/f')).status, 200);
  assert.equal((await move('MoveFileByPath(overwrite=false)', 'b.txt', 'B.txt')).status, 200);
  const after = new Map((await client.standin.control.tree()).map((entry) => [entry.path, entry.id]));
  assert.equal(after.get('B.txt'), ids.get('a.txt'));
  assert.equal(after.get('g/f/c.txt'), ids.get('f/c.txt'));
  assert.equal((await move('MoveFileByPath(overwrite=false)', 'absent', 'x')).status, 404);
});

test('folders: made by path, listed by kind, downloads by link', async (t) => {
  const client = await clientFor(t);
  const made = await client.api('POST', `web/Folders/AddUsingPath(decodedurl='${LIBRARY}/new')`);
  assert.equal(made.status, 201);
  client.standin.control.drive().write('new/a.txt', 'x');
  client.standin.control.drive().makeFolder('new/sub');
  const folder = `web/GetFolderByServerRelativePath(${decodedUrl('/new')})`;
  const names = async (what: string) =>
    (json(await client.api('GET', `${folder}/${what}?$select=Name`)).value as Array<{ Name: string }>).map(
      (one) => one.Name,
    );
  assert.deepEqual(await names('Files'), ['a.txt']);
  assert.deepEqual(await names('Folders'), ['sub']);
  const link = `${SITE}/_layouts/15/download.aspx?SourceUrl=${encodeURIComponent(`${LIBRARY}/new/a.txt`)}`;
  assert.equal((await client.send('GET', link)).text, 'x');
});

test('T3.8 usage in text, and what happens beyond the quota', async (t) => {
  const client = await clientFor(t, { switches: { quotaBytes: 100 } });
  client.standin.control.drive().write('a.bin', { pattern: 1, size: 25 });
  const usage = json(await client.api('GET', 'site/usage'));
  assert.equal(usage.Storage, '25');
  assert.equal(usage.StoragePercentageUsed, 0.25);
  const add = () =>
    client.api('POST', `${ROOT}/Files/AddUsingPath(decodedurl='b.bin',overwrite=true)`, {
      body: 'x'.repeat(76),
    });
  assert.equal((await add()).status, 403);
  client.standin.control.set({ quotaStatus: 400 });
  assert.equal((await add()).status, 400);
  assert.equal((await client.dav('PUT', '/b.bin', { body: 'x'.repeat(76) })).status, 507);
  assert.equal((await client.dav('PUT', '/b.bin', { body: 'x'.repeat(75) })).status, 201);
});
