import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startStandin } from '../../../src/standin/index.js';
import { GuidScheme } from '../../../src/standin/store/guid.js';
import { clientFor, decodedUrl, json, LIBRARY } from '../../support/standin-client.js';

function temporary(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'standin-test-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

test('GUIDs lead back to their numbers, and only their own', () => {
  const scheme = new GuidScheme(0x1234_5678);
  const other = new GuidScheme(0x0765_4321);
  const seen = new Set<string>();
  for (let number = 0; number < 5000; number++) {
    const guid = scheme.guidOf(number);
    assert.match(guid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(scheme.numberOf(`{${guid.toUpperCase()}}`), number);
    assert.equal(other.numberOf(guid), undefined);
    seen.add(guid);
  }
  assert.equal(seen.size, 5000);
  assert.equal(scheme.numberOf('nonsense'), undefined);
});

test('a drive with a state directory is there again after a restart: bytes, ids, versions, changes', async (t) => {
  const stateDir = temporary(t);
  const first = await startStandin({ stateDir });
  const drive = first.control.drive();
  drive.write('small.txt', 'one');
  drive.write('small.txt', 'two', { modifiedMs: 1_600_000_000_000 });
  drive.write('f/big.bin', { pattern: 7, size: 3_000_000 });
  drive.write('gone.txt', 'x');
  drive.remove('gone.txt');
  drive.move('f', 'g');
  const before = await first.control.tree({ hash: true });
  await first.close();
  const second = await startStandin({ stateDir });
  t.after(() => second.close());
  assert.deepEqual(await second.control.tree({ hash: true }), before);
  second.control.drive().write('new.txt', 'x');
  const ids = (await second.control.tree()).map((entry) => entry.id);
  assert.equal(new Set(ids).size, ids.length);
});

test('uploads survive a restart, and a change token goes on', async (t) => {
  const stateDir = temporary(t);
  const path = `web/GetList('${LIBRARY}')/GetListItemChangesSinceToken`;
  const first = await clientFor(t, { stateDir });
  const token = /LastChangeToken="([^"]+)"/.exec((await first.api('POST', path, { body: '{}' })).text)![1]!;
  const bytes = Buffer.alloc(200_000, 'abc');
  await first.dav('PUT', '/a.bin', { body: bytes });
  first.close();
  await first.standin.close();
  const second = await clientFor(t, { stateDir });
  assert.ok((await second.dav('GET', '/a.bin')).bytes.equals(bytes));
  const query = JSON.stringify({ query: { ChangeToken: token } });
  assert.match((await second.api('POST', path, { body: query })).text, /ItemCount="1"/);
});

test('a hundred thousand items: filled, counted, paged, in little time', async (t) => {
  const client = await clientFor(t);
  await client.standin.control.drive().fill({ folders: 100, filesPerFolder: 1000, size: 10 });
  const list = json(await client.api('GET', `web/GetList('${LIBRARY}')?$select=ItemCount`));
  assert.equal(list.ItemCount, 100_100);
  const got = await client.api('POST', `web/GetList('${LIBRARY}')/RenderListDataAsStream`, {
    body: JSON.stringify({
      parameters: {
        ViewXml: '<View Scope="RecursiveAll"><RowLimit Paged="TRUE">5000</RowLimit></View>',
        Paging: 'Paged=TRUE&p_ID=95000',
      },
    }),
  });
  assert.equal((json(got).Row as unknown[]).length, 5000);
});

test('copies share their bytes on disk, over a restart too; what a crash left behind is swept', async (t) => {
  const stateDir = temporary(t);
  const first = await clientFor(t, { stateDir });
  const bytes = Buffer.alloc(200_000, 'xyz');
  await first.dav('PUT', '/a.bin', { body: bytes });
  const destination = { Destination: `${first.standin.origin}${LIBRARY}/b.bin` };
  await first.dav('COPY', '/a.bin', { headers: destination });
  first.close();
  await first.standin.close();
  const content = join(stateDir, 'content');
  assert.equal(readdirSync(content).length, 1);
  writeFileSync(join(content, 'left-over'), 'x');
  const second = await clientFor(t, { stateDir });
  assert.equal(readdirSync(content).length, 1);
  const remove = (path: string) =>
    second.api('POST', `web/GetFileByServerRelativePath(${decodedUrl(path)})/recycle()`);
  await remove('/a.bin');
  assert.ok((await second.dav('GET', '/b.bin')).bytes.equals(bytes));
  second.standin.control.drive().clear();
  await second.dav('PUT', '/c.txt', { body: 'x' });
  assert.equal((await second.dav('GET', '/c.txt')).text, 'x');
});
