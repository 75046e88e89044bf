/** What was done just before a restart may not be shown by every front end just after it (protocol notes 5.2.6). */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { openDatabase } from '../../../src/base/index.js';
import { TRUTH_BOOK_SCRIPT, TruthBook } from '../../../src/cache/truth-book.js';
import type { DriveItem } from '../../../src/drive/index.js';
import { asking, FOREVER, list, openTreeBench, type TreeBench } from '../../support/cache-tree.js';
import { FakeClock } from '../../support/fake-clock.js';
import { lagging, withTime } from '../../support/lagging-answers.js';

let bench: TreeBench;
beforeEach(async () => {
  bench = await openTreeBench();
  const { server } = bench.drive;
  server.write('/known', 'first');
  server.makeFolder('/folder');
  server.write('/folder/inside', 'text');
  await bench.follow();
});
afterEach(() => bench.close());

const there = (path: string): DriveItem => bench.drive.server.item(bench.drive.server.find(path)!);
const poll = () => bench.tree.pollNow(FOREVER);
const namesIn = async (folder: string) => {
  const items = await answered(list(bench.tree, folder, asking(0)));
  return items.map(({ name }) => name).sort();
};

const lag = () => lagging(bench);
const answered = <Result>(waiting: Result | Promise<Result>) => withTime(bench, waiting);

async function crash(): Promise<void> {
  await bench.crash();
  await bench.follow();
}

test('the version that was there before ours does not come back', async () => {
  const before = there('/known');
  lag();
  bench.drive.server.write('/known', 'second');
  bench.tree.learn(bench.tree.root, there('/known'));
  await poll();
  await crash();
  assert.deepEqual(await bench.tree.refresh(before.id, asking(0)), there('/known'));
  await bench.clock.run(6_000);
  assert.deepEqual(await bench.tree.refresh(before.id, asking(0)), before, 'that can be no lag any more');
});

test('what was made here stays, and what was removed here stays away', async () => {
  const { server } = bench.drive;
  const end = lag();
  const { id } = there('/known');
  server.write('/new', 'text');
  bench.tree.learn(bench.tree.root, there('/new'), true);
  server.remove('/known');
  bench.tree.unlearn(id);
  await poll();
  await crash();
  await bench.clock.run(1_000);
  assert.deepEqual(await namesIn(bench.tree.root), ['folder', 'new']);
  end();
});

test('a folder that was moved here stays where it is, with what is in it', async () => {
  const { server } = bench.drive;
  const { id } = there('/folder');
  const inside = there('/folder/inside');
  const end = lag();
  server.move('/folder', '/moved');
  bench.tree.learn(bench.tree.root, there('/moved'));
  await poll();
  await crash();
  assert.deepEqual(await namesIn(bench.tree.root), ['known', 'moved']);
  const refreshed = Promise.resolve(bench.tree.refresh(inside.id, asking(0)));
  await bench.clock.run(1_000);
  end();
  assert.equal((await answered(refreshed))?.id, inside.id);
  assert.equal(bench.tree.pathOf(id), '/moved');
});

test('what the log told just before stays as it told', async () => {
  const before = there('/known');
  lag();
  bench.drive.server.write('/known', 'somebody');
  await poll();
  await crash();
  assert.deepEqual(await bench.tree.refresh(before.id, asking(0)), there('/known'));
});

test('of many changes only those that may still lag are kept', () => {
  const clock = new FakeClock();
  const database = openDatabase({ path: ':memory:', migrations: [TRUTH_BOOK_SCRIPT] });
  const limits = { lagMs: 5_000, mostRecentItems: 1_000 };
  const book = new TruthBook(database, clock, limits);
  for (let at = 0; at < 3_000; at += 1) {
    clock.advance(50);
    book.add({ kind: 'ours', id: `${at}`, before: null });
  }
  assert.ok(book.recall().length < 400);
  const next = new TruthBook(database, clock, limits).recall();
  assert.deepEqual([next.length, next.at(-1)?.agoMs], [101, 0]);
  for (let at = 0; at < 3_000; at += 1) book.add({ kind: 'ours', id: `${at}`, before: null });
  assert.ok(book.recall().length <= 1_256);
  database.close();
});
