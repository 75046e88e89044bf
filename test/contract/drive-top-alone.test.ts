/** A server that does not heed `RecursiveAll` (protocol notes 3.4) shows the top of a library for all of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BULK, kind, put, standinDrive } from '../support/drive-fixture.js';

test('the top alone is not taken for the whole library', async (context) => {
  const { drive, standin } = await standinDrive(context);
  standin.control.set({ heedsRecursiveAll: false });
  for (const path of ['/empty', '/folder']) await drive.makeDirectory(path, BULK);
  await put(drive, '/folder/a.txt', 'a');
  await assert.rejects(drive.tree!.snapshot(null, BULK), kind('denied'));
  await assert.rejects(drive.tree!.currentToken(BULK), kind('denied'));
});

test('a library of empty folders is as whole as one with something in them', async (context) => {
  const { drive } = await standinDrive(context);
  for (const path of ['/empty', '/folder']) await drive.makeDirectory(path, BULK);
  const paths = async () => (await drive.tree!.snapshot(null, BULK)).items.map(({ path }) => path).sort();
  assert.deepEqual(await paths(), ['/empty', '/folder']);
  await put(drive, '/folder/a.txt', 'a');
  assert.deepEqual(await paths(), ['/empty', '/folder', '/folder/a.txt']);
});
