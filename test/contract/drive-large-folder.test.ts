/** Folders above the list view threshold (protocol notes 2.2, 5.1): whole, or a loud failure; never a part. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kind, names, standinDrive } from '../support/drive-fixture.js';

const FILES = 5_200;

async function largeFolder(context: Parameters<typeof standinDrive>[0], switches: Record<string, unknown>) {
  const found = await standinDrive(context);
  await found.standin.control.drive().fill({ folders: 1, filesPerFolder: FILES, size: 1 });
  found.standin.control.set(switches);
  found.standin.control.log.clear();
  return found;
}

test('a listing that is cut off without a word is completed', async (context) => {
  const { drive } = await largeFolder(context, { bigFolderThreshold: 5_000, bigFolderAnswer: 'truncate' });
  assert.equal(new Set(await names(drive, '/folder-000000')).size, FILES);
});

test('a whole listing costs one small question more', async (context) => {
  const { drive, standin } = await largeFolder(context, {});
  assert.equal((await names(drive, '/folder-000000')).length, FILES);
  assert.equal(standin.control.log.entries.length, 2);
});

for (const bigFolderAnswer of ['500', '403']) {
  test(`a listing that is refused with ${bigFolderAnswer} is read in pages`, async (context) => {
    const { drive } = await largeFolder(context, { bigFolderThreshold: 5_000, bigFolderAnswer });
    assert.equal(new Set(await names(drive, '/folder-000000')).size, FILES);
  });
}

for (const bigFolderAnswer of ['500', '403', 'truncate']) {
  test(`${bigFolderAnswer}, and no other way: the listing fails`, async (context) => {
    const { drive } = await largeFolder(context, {
      bigFolderThreshold: 5_000,
      bigFolderAnswer,
      refusedServices: 'RenderListDataAsStream',
    });
    await assert.rejects(names(drive, '/folder-000000'), kind('denied'));
  });
}

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

test('a server that refuses every page fails the snapshot loudly', async (context) => {
  const { drive } = await largeFolder(context, { listViewThreshold: 100 });
  const asked = { signal: new AbortController().signal, lane: 'bulk' } as const;
  await assert.rejects(drive.tree!.snapshot(null, asked), kind('unreachable'));
});
