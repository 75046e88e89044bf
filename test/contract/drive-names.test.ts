/** Names that the server keeps for itself, or that POSIX can't show: nothing is lost, nothing is shown twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NameMemory } from '../../src/sharepoint/index.js';
import { ASKING, driveOn, names, put, readText, standinDrive } from '../support/drive-fixture.js';

test("the library's own Forms folder is not shown, and ours of that name is kept beside it", async (context) => {
  const { drive, standin } = await standinDrive(context);
  standin.control.set({ formsFolder: true });
  await put(drive, '/a.txt', 'a');
  assert.deepEqual(await names(drive, '/'), ['a.txt']);
  await drive.makeDirectory('/forms', ASKING);
  await put(drive, '/forms/Forms', 'ours');
  assert.deepEqual(await names(drive, '/'), ['a.txt', 'forms']);
  assert.equal(await readText(drive, '/forms/Forms'), 'ours');
  await drive.move('/forms', '/other', { ...ASKING, overwrite: false });
  await drive.move('/other', '/Forms', { ...ASKING, overwrite: false });
  const { items } = await drive.tree!.snapshot(null, ASKING);
  assert.deepEqual(items.map(({ path }) => path).sort(), ['/Forms', '/Forms/Forms', '/a.txt']);
  await drive.remove('/Forms', { ...ASKING, kind: 'folder' });
  assert.deepEqual(await names(drive, '/'), ['a.txt']);
});

test('names longer than 255 bytes stay reachable, apart from each other, also after a restart', async (context) => {
  const pairs: (readonly [string, string])[] = [];
  const memory: NameMemory = { load: () => pairs, add: (shown, wireName) => pairs.push([shown, wireName]) };
  const { drive, standin } = await standinDrive(context, { names: memory });
  const long = '長'.repeat(120);
  standin.control.drive().write(`${long}一.txt`, Buffer.from('one'));
  standin.control.drive().write(`${long}二.txt`, Buffer.from('two'));
  const listed = await names(drive, '/');
  assert.equal(new Set(listed).size, 2);
  assert.ok(listed.every((name) => Buffer.byteLength(name) <= 255));
  const { items } = await drive.tree!.snapshot(null, ASKING);
  assert.deepEqual(items.map(({ item }) => item.name).sort(), listed, 'the snapshot shows them the same');
  const again = await driveOn(context, standin, { names: memory });
  const contents = await Promise.all(listed.map((name) => readText(again.drive, `/${name}`)));
  assert.deepEqual(contents.sort(), ['one', 'two']);
  await again.drive.move(`/${listed[0]}`, '/short.txt', { ...ASKING, overwrite: false });
  await again.drive.remove(`/${listed[1]}`, { ...ASKING, kind: 'file' });
  assert.deepEqual(await names(again.drive, '/'), ['short.txt']);
});
