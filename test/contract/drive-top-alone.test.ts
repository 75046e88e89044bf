/** A server that does not heed `RecursiveAll` (protocol notes 3.4) shows the top of a library for all of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Drive } from '../../src/drive/index.js';
import { BULK, kind, put, type StandinDrive, standinDrive, wayMemory } from '../support/drive-fixture.js';

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

/** Before each request, told how many pages of the library were asked for so far. */
function beforeEach({ session, standin }: StandinDrive, act: (pages: number) => void): void {
  const signIn = session.apply.bind(session);
  standin.control.log.clear();
  session.apply = () => {
    act(standin.control.log.entries.filter(({ path }) => path.includes('RenderListDataAsStream')).length);
    return signIn();
  };
}

test('what is gone by the time that it is looked at was below the top all the same', async (context) => {
  const found = await standinDrive(context);
  const { drive, standin } = found;
  const files = standin.control.drive();
  files.makeFolder('folder');
  files.write('folder/a.txt', Buffer.from('a'));
  standin.control.set({ rowGaps: 'times', rowGapsOf: 'a', failStatus: 404, faultMatch: 'a.txt' });
  // Once, when its folder is looked into, it is there.
  beforeEach(found, (pages) => standin.control.set({ failNext: pages === 2 ? 0 : 1 }));
  assert.deepEqual(await pathsIn(drive, null), ['/folder']);
  await drive.tree!.currentToken(BULK);
});

test('what is put into a folder while the last page is read may be behind it', async (context) => {
  const ways = wayMemory({ pageRows: { rows: 2, atMs: Date.now() } });
  const found = await standinDrive(context, { ways });
  const files = found.standin.control.drive();
  for (const name of ['one', 'other', 'third']) files.makeFolder(name);
  const { next } = await found.drive.tree!.snapshot(null, BULK);
  beforeEach(found, (pages) => {
    if (pages === 1 && !files.has('one/a.txt')) files.write('one/a.txt', Buffer.from('a'));
  });
  assert.deepEqual(await pathsIn(found.drive, next), ['/third']);
  await found.drive.tree!.currentToken(BULK);
});

async function pathsIn(drive: Drive, cursor: string | null): Promise<string[]> {
  const { items } = await drive.tree!.snapshot(cursor, BULK);
  return items.map(({ path }) => path).sort();
}
