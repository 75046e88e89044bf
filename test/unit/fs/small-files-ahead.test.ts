import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { ContentCache } from '../../../src/cache/index.js';
import type { DriveItem } from '../../../src/drive/index.js';
import type { ListedName } from '../../../src/fs/folder-listing.js';
import type { Located } from '../../../src/fs/namespace.js';
import { SmallFilesAhead } from '../../../src/fs/small-files-ahead.js';

const FOLDER = 7;
const ROOT = 1;
let fetched: string[];
let ahead: SmallFilesAhead;
/** Those that are known though nobody listed them. */
const folders = new Map<number, ListedName[]>();
const known = new Map<string, DriveItem>();

beforeEach(() => {
  fetched = [];
  const content = {
    isComplete: () => false,
    prefetch: (item: string) => void fetched.push(item),
  } as unknown as ContentCache;
  known.clear();
  ahead = new SmallFilesAhead({
    content,
    tree: { peek: (id) => known.get(id) },
    spool: { owed: () => undefined },
    folders: {
      parentOf: ({ ino }) => (ino === ROOT ? null : folderAt(ROOT)),
      namesIn: ({ ino }) => folders.get(ino) ?? null,
    },
  });
  folders.clear();
});

function folderAt(ino: number): Located {
  return { ino, item: null };
}

function listing(count: number, size = 8192): ListedName[] {
  return Array.from({ length: count }, (_, at) => {
    const id = `i${at}`;
    const name = `f${at}`;
    known.set(id, { id, name, kind: 'file', size, modifiedMs: 0, createdMs: 0, version: 'v' });
    return { ino: 100 + at, name, kind: 'file', item: id };
  });
}

test('a reader that goes through a folder in order gets the next files fetched, each once', () => {
  ahead.listed(FOLDER, listing(100));
  for (let at = 0; at < 50; at += 1) ahead.opened(folderAt(FOLDER), 100 + at);
  assert.equal(new Set(fetched).size, fetched.length);
  assert.ok(fetched.includes('i40') && fetched.includes('i60'));
  assert.ok(!fetched.includes('i80'), 'bounded: not the whole folder');
});

test('a reader that goes by name gets the next files fetched, whatever the order of the listing', () => {
  const shuffled = listing(100).sort((one, other) => ((one.ino * 37) % 101) - ((other.ino * 37) % 101));
  ahead.listed(FOLDER, shuffled);
  const named = shuffled.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  for (const { ino } of named.slice(0, 20)) ahead.opened(folderAt(FOLDER), ino);
  const next = named.slice(20, 30).map(({ item }) => item!);
  for (const item of next) assert.ok(fetched.includes(item), item);
  assert.ok(fetched.length < 60, 'bounded');
});

test('a reader that goes by inode number gets the next files fetched', () => {
  const files = listing(100);
  const numbered = files.map((file, index) => ({ ...file, ino: 1000 + ((index * 37) % 101) }));
  ahead.listed(FOLDER, numbered);
  const order = numbered.toSorted((one, other) => one.ino - other.ino);
  for (const { ino } of order.slice(0, 20)) ahead.opened(folderAt(FOLDER), ino);
  for (const { item } of order.slice(20, 30)) assert.ok(fetched.includes(item!), item!);
  assert.ok(fetched.length < 60, 'bounded');
});

test('several readers, each in its part of a folder, get the next files fetched', () => {
  ahead.listed(FOLDER, listing(200));
  for (let step = 0; step < 5; step += 1)
    for (let reader = 0; reader < 8; reader += 1) ahead.opened(folderAt(FOLDER), 100 + reader * 25 + step);
  for (let reader = 0; reader < 8; reader += 1)
    assert.ok(fetched.includes(`i${reader * 25 + 8}`), `reader ${reader}`);
});

test('readers that share the work, and get in front of each other, are one that goes on', () => {
  ahead.listed(FOLDER, listing(200));
  for (const at of [0, 1, 3, 2, 4, 6, 5, 7, 9, 8]) ahead.opened(folderAt(FOLDER), 100 + at);
  assert.ok(fetched.includes('i12'));
});

test('a reader that goes on in the next folder gets its files fetched from the first one on', () => {
  const next = FOLDER + 1;
  ahead.listed(FOLDER, listing(10).slice(0, 5));
  ahead.listed(next, listing(40).slice(20));
  for (let at = 0; at < 5; at += 1) ahead.opened(folderAt(FOLDER), 100 + at);
  fetched = [];
  ahead.opened(folderAt(next), 120);
  assert.ok(fetched.includes('i21') && fetched.includes('i30'));
});

test('near the end of a folder the files of the next ones are fetched, in as many as it takes', () => {
  const folder = (ino: number, name: string): ListedName => ({ ino, name, kind: 'folder', item: null });
  const files = listing(60);
  folders.set(ROOT, [folder(13, 'd'), folder(12, 'c'), folder(11, 'b'), folder(10, 'a')]);
  for (const [index, ino] of [10, 11, 12].entries()) folders.set(ino, files.slice(index * 5, index * 5 + 5));
  folders.set(13, files.slice(15));
  ahead.listed(10, folders.get(10)!);
  for (let file = 0; file < 3; file += 1) ahead.opened(folderAt(10), 100 + file);
  assert.deepEqual(fetched, ['i2', 'i3', 'i4'], 'in the order of the listing nothing comes after it');
  fetched = [];
  ahead.listed(ROOT, folders.get(ROOT)!.toReversed());
  ahead.listed(11, folders.get(11)!);
  ahead.opened(folderAt(11), 105);
  assert.deepEqual(
    fetched,
    Array.from({ length: 16 }, (_, file) => `i${file + 6}`),
  );
});

test('folders that were all listed before the first file is read are remembered, within a bound', () => {
  const files = listing(60_000);
  for (let folder = 0; folder < 6000; folder += 1)
    ahead.listed(folder, files.slice(folder * 10, folder * 10 + 10));
  assert.ok(ahead.isWatching(5000) && !ahead.isWatching(1));
  for (let at = 0; at < 5; at += 1) ahead.opened(folderAt(5000), 100 + 50_000 + at);
  assert.ok(fetched.includes('i50009'));
});

test('who opens the first file of one folder after the other gets nothing fetched', () => {
  for (let folder = 0; folder < 10; folder += 1) {
    ahead.listed(folder, listing(200).slice(folder * 20, folder * 20 + 20));
    ahead.opened(folderAt(folder), 100 + folder * 20);
  }
  assert.deepEqual(fetched, []);
});

test('a reader in random order gets nothing fetched', () => {
  ahead.listed(FOLDER, listing(1000));
  for (const at of [500, 3, 877, 120, 640, 77, 910, 333]) ahead.opened(folderAt(FOLDER), 100 + at);
  assert.deepEqual(fetched, []);
});

test('nor does one that opens half of a small folder in random order', () => {
  ahead.listed(FOLDER, listing(300));
  const opened = Array.from({ length: 150 }, (_, at) => (at * 7919 + 31) % 300);
  for (const at of opened) ahead.opened(folderAt(FOLDER), 100 + at);
  assert.deepEqual(fetched, []);
});

test('large files are not fetched ahead', () => {
  ahead.listed(FOLDER, listing(20, 50_000_000));
  for (let at = 0; at < 10; at += 1) ahead.opened(folderAt(FOLDER), 100 + at);
  assert.deepEqual(fetched, []);
});

test('a folder that nobody listed is not watched', () => {
  ahead.opened(folderAt(FOLDER), 100);
  ahead.opened(folderAt(FOLDER), 101);
  assert.deepEqual(fetched, []);
});
