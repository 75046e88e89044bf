/** Folders above the list view threshold (protocol notes 2.2, 5.1): whole, or a loud failure; never a part. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Drive, DriveItem } from '../../src/drive/index.js';
import { ASKING, driveOn, kind, names, standinDrive, wayMemory } from '../support/drive-fixture.js';

const FILES = 5_200;

async function largeFolder(
  context: Parameters<typeof standinDrive>[0],
  switches: Record<string, unknown>,
  files = FILES,
) {
  const found = await standinDrive(context);
  await found.standin.control.drive().fill({ folders: 1, filesPerFolder: files, size: 1 });
  found.standin.control.set(switches);
  found.standin.control.log.clear();
  return found;
}

async function listed(drive: Drive, path: string): Promise<DriveItem[]> {
  const items: DriveItem[] = [];
  for await (const page of drive.list(path, ASKING)) items.push(...page.items);
  return items;
}

test('a listing that is cut off without a word is completed', async (context) => {
  const { drive } = await largeFolder(context, { bigFolderThreshold: 5_000, bigFolderAnswer: 'truncate' });
  assert.equal(new Set(await names(drive, '/folder-000000')).size, FILES);
});

for (const [limit, why] of [
  [1_000, 'a round number'],
  [1_999, 'a round number, with the folder itself'],
  [1_730, 'what the pages of its list have as their limit'],
] as const) {
  test(`a listing that is cut off at ${limit}, ${why}, is completed`, async (context) => {
    const limits = { bigFolderThreshold: limit, bigFolderAnswer: 'truncate' };
    const { drive, standin } = await largeFolder(context, { ...limits, listViewThreshold: 1_000 });
    if (limit === 1_730) await drive.tree!.snapshot(null, ASKING);
    standin.control.set({ listViewThreshold: 5_000 });
    assert.equal(new Set(await names(drive, '/folder-000000')).size, FILES);
  });
}

test('a round number of children costs one small question, and is whole where nobody counts them', async (context) => {
  const { drive, standin } = await largeFolder(context, {}, 1_000);
  assert.equal((await names(drive, '/folder-000000')).length, 1_000);
  assert.equal(standin.control.log.entries.length, 2);
  standin.control.set({ refusedServices: 'RenderListDataAsStream,Files,GetFolderByServerRelativePath' });
  assert.equal((await names(drive, '/folder-000000')).length, 1_000);
});

test('a whole listing costs one small question more', async (context) => {
  const { drive, standin } = await largeFolder(context, {});
  assert.equal((await names(drive, '/folder-000000')).length, FILES);
  assert.equal(standin.control.log.entries.length, 2);
});

test('whether the listing is whole is asked while the rest of it is on its way', async (context) => {
  const { drive, standin } = await largeFolder(context, {}, 2 * FILES);
  const { log } = standin.control;
  const isAsked = () => log.entries.some(({ path }) => path.includes('GetFolderByServerRelativePath'));
  let seen = 0;
  let askedAt = 0;
  for await (const { items } of drive.list('/folder-000000', ASKING)) {
    seen += items.length;
    // Who reads slowly holds up what is still on its way, and nothing else.
    for (let turn = 0; seen >= FILES && askedAt === 0 && turn < 1_000; turn += 1) {
      if (isAsked()) askedAt = seen;
      await nextTurn();
    }
  }
  assert.equal(seen, 2 * FILES);
  assert.ok(askedAt > 0 && askedAt < seen, `at ${askedAt}`);
});

for (const bigFolderAnswer of ['500', '403']) {
  test(`a listing that is refused with ${bigFolderAnswer} is read in pages`, async (context) => {
    const { drive, standin } = await largeFolder(context, { bigFolderThreshold: 5_000, bigFolderAnswer });
    assert.equal(new Set(await names(drive, '/folder-000000')).size, FILES);
    const listings = standin.control.log.entries.filter(({ method }) => method === 'PROPFIND');
    assert.ok(listings.length <= 3, 'who waits for the folder does not wait for one refusal after another');
  });
}

for (const bigFolderAnswer of ['500', '403', 'truncate']) {
  test(`${bigFolderAnswer}, and no pages of the list: the folder's own collections tell`, async (context) => {
    const { drive, standin } = await largeFolder(context, {
      bigFolderThreshold: 5_000,
      bigFolderAnswer,
      refusedServices: 'RenderListDataAsStream',
    });
    standin.control.drive().makeFolder('folder-000000/within');
    const children = await listed(drive, '/folder-000000');
    assert.equal(new Set(children.map(({ name }) => name)).size, FILES + 1);
    assert.equal(children.length, FILES + 1);
    const folder = children.find((child) => child.kind === 'folder')!;
    const asked = await drive.stat('/folder-000000/within', ASKING);
    // REST tells no ETag of a folder
    assert.deepEqual(folder, { ...asked, version: folder.version });
    const file = children.find((child) => child.kind === 'file')!;
    assert.deepEqual(file, await drive.stat(`/folder-000000/${file.name}`, ASKING));
  });

  test(`${bigFolderAnswer}, and no other way: the listing fails`, async (context) => {
    const { drive } = await largeFolder(context, {
      bigFolderThreshold: 5_000,
      bigFolderAnswer,
      refusedServices: 'RenderListDataAsStream,Files',
    });
    await assert.rejects(names(drive, '/folder-000000'), kind('denied'));
  });
}

test("rows that do not tell times: the folder's own collections tell", async (context) => {
  const refusal = { bigFolderThreshold: 5_000, bigFolderAnswer: '500', rowGaps: 'times' };
  const { drive } = await largeFolder(context, refusal);
  const items = await listed(drive, '/folder-000000');
  assert.equal(new Set(items.map(({ name }) => name)).size, FILES);
  const told = await drive.stat(`/folder-000000/${items[0]!.name}`, ASKING);
  assert.equal(items[0]!.modifiedMs, told.modifiedMs);
});

test('where the list is known to be refused, it is not asked once more for each folder', async (context) => {
  const { drive, standin } = await largeFolder(context, {
    bigFolderThreshold: 5_000,
    refusedServices: 'RenderListDataAsStream',
  });
  await assert.rejects(drive.tree!.snapshot(null, ASKING), kind('denied'));
  standin.control.log.clear();
  assert.equal((await names(drive, '/folder-000000')).length, FILES);
  assert.equal(standin.control.log.counts().byOperation['POST RenderListDataAsStream'], undefined);
});

test('collections that leave children out, or do not heed $skip, fail the listing', async (context) => {
  for (const collectionPaging of ['ignore-skip', 'omit-last']) {
    const { drive } = await largeFolder(context, {
      bigFolderThreshold: 5_000,
      refusedServices: 'RenderListDataAsStream',
      collectionPaging,
    });
    await assert.rejects(names(drive, '/folder-000000'), kind('protocol'));
  }
});

test('a lower threshold makes smaller pages', async (context) => {
  const { drive } = await largeFolder(context, { listViewThreshold: 2_000 });
  const asked = { signal: new AbortController().signal, lane: 'bulk' } as const;
  const seen = new Set<string>();
  for (let cursor: string | null = null; ; ) {
    const { items, next } = await drive.tree!.snapshot(cursor, asked);
    for (const { path } of items) seen.add(path);
    if (next === null) break;
    cursor = next;
  }
  assert.equal(seen.size, FILES + 1);
});

test('how large pages may be is remembered over restarts', async (context) => {
  const ways = wayMemory();
  const { drive, standin } = await standinDrive(context, {
    ways,
    standin: { switches: { listViewThreshold: 2_000 } },
  });
  await drive.tree!.snapshot(null, ASKING);
  standin.control.log.clear();
  const again = await driveOn(context, standin, { ways });
  await again.drive.tree!.snapshot(null, ASKING);
  const pages = standin.control.log.entries.filter(({ path }) => path.includes('RenderListDataAsStream'));
  assert.deepEqual(
    pages.map(({ status }) => status),
    [200],
  );
});

test('a server that refuses every page fails the snapshot loudly', async (context) => {
  const { drive } = await largeFolder(context, { listViewThreshold: 100 });
  const asked = { signal: new AbortController().signal, lane: 'bulk' } as const;
  await assert.rejects(drive.tree!.snapshot(null, asked), kind('unreachable'));
});
