import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { ContentCache } from '../../../src/cache/index.js';
import type { DriveItem } from '../../../src/drive/index.js';
import type { ListedName } from '../../../src/fs/folder-listing.js';
import { SmallFilesAhead } from '../../../src/fs/small-files-ahead.js';

const FOLDER = 7;
let fetched: string[];
let ahead: SmallFilesAhead;
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
  });
});

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
  for (let at = 0; at < 50; at += 1) ahead.opened(FOLDER, 100 + at);
  assert.equal(new Set(fetched).size, fetched.length);
  assert.ok(fetched.includes('i40') && fetched.includes('i60'));
  assert.ok(!fetched.includes('i80'), 'bounded: not the whole folder');
});

test('a reader that goes by name gets the next files fetched, whatever the order of the listing', () => {
  const shuffled = listing(100).sort((one, other) => ((one.ino * 37) % 101) - ((other.ino * 37) % 101));
  ahead.listed(FOLDER, shuffled);
  const named = shuffled.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  for (const { ino } of named.slice(0, 20)) ahead.opened(FOLDER, ino);
  const next = named.slice(20, 30).map(({ item }) => item!);
  for (const item of next) assert.ok(fetched.includes(item), item);
  assert.ok(fetched.length < 60, 'bounded');
});

test('several readers, each in its part of a folder, get the next files fetched', () => {
  ahead.listed(FOLDER, listing(200));
  for (let step = 0; step < 5; step += 1)
    for (let reader = 0; reader < 8; reader += 1) ahead.opened(FOLDER, 100 + reader * 25 + step);
  for (let reader = 0; reader < 8; reader += 1)
    assert.ok(fetched.includes(`i${reader * 25 + 8}`), `reader ${reader}`);
});

test('readers that share the work, and get in front of each other, are one that goes on', () => {
  ahead.listed(FOLDER, listing(200));
  for (const at of [0, 1, 3, 2, 4, 6, 5, 7, 9, 8]) ahead.opened(FOLDER, 100 + at);
  assert.ok(fetched.includes('i12'));
});

test('a reader in random order gets nothing fetched', () => {
  ahead.listed(FOLDER, listing(1000));
  for (const at of [500, 3, 877, 120, 640, 77, 910, 333]) ahead.opened(FOLDER, 100 + at);
  assert.deepEqual(fetched, []);
});

test('nor does one that opens half of a small folder in random order', () => {
  ahead.listed(FOLDER, listing(300));
  const opened = Array.from({ length: 150 }, (_, at) => (at * 7919 + 31) % 300);
  for (const at of opened) ahead.opened(FOLDER, 100 + at);
  assert.deepEqual(fetched, []);
});

test('large files are not fetched ahead', () => {
  ahead.listed(FOLDER, listing(20, 50_000_000));
  for (let at = 0; at < 10; at += 1) ahead.opened(FOLDER, 100 + at);
  assert.deepEqual(fetched, []);
});

test('a folder that nobody listed is not watched', () => {
  ahead.opened(FOLDER, 100);
  ahead.opened(FOLDER, 101);
  assert.deepEqual(fetched, []);
});
