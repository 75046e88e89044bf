/** The change log tells of what others did before the front ends that answer everything else show it (protocol notes 5.2.6). */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { Change, DriveItem } from '../../../src/drive/index.js';
import { asking, FOREVER, list, openTreeBench, type TreeBench } from '../../support/cache-tree.js';
import { lagging, withTime } from '../../support/lagging-answers.js';

let bench: TreeBench;
beforeEach(async () => {
  bench = await openTreeBench();
  bench.drive.server.write('/known', 'first');
  await bench.follow();
});
afterEach(() => bench.close());

const there = (path: string): DriveItem => bench.drive.server.item(bench.drive.server.find(path)!);
const poll = () => bench.tree.pollNow(FOREVER);

const lag = () => lagging(bench);
const answered = <Result>(waiting: Result | Promise<Result>) => withTime(bench, waiting);

test('a new file that the log told of stays, though its folder is listed without it', async () => {
  lag();
  bench.drive.server.write('/new', 'text');
  await poll();
  assert.deepEqual(bench.tree.peek(there('/new').id), there('/new'));
  const names = (await answered(list(bench.tree, bench.tree.root, asking(0)))).map(({ name }) => name);
  assert.deepEqual(names.sort(), ['known', 'new']);
});

test('a new file that the log told of is waited for by whoever asks for it', async () => {
  const end = lag();
  bench.drive.server.write('/new', 'text');
  await poll();
  const { id } = there('/new');
  const waiting = Promise.resolve(bench.tree.refresh(id, asking(0)));
  await bench.idle();
  await bench.clock.run(700);
  end();
  assert.deepEqual(await answered(waiting), there('/new'));
});

test('one that is gone again is not waited for: the log tells that as well', async () => {
  bench.drive.server.write('/new', 'text');
  await poll();
  const { id } = there('/new');
  bench.drive.server.remove('/new');
  const startedMs = bench.clock.monotonic();
  assert.equal(await bench.tree.refresh(id, asking(0)), null);
  assert.equal(bench.clock.monotonic(), startedMs);
});

test('the version before does not come back, until that can be no lag any more', async () => {
  const before = there('/known');
  lag();
  bench.drive.server.write('/known', 'second');
  await poll();
  assert.deepEqual(await bench.tree.refresh(before.id, asking(0)), there('/known'));
  await bench.clock.run(6_000);
  assert.deepEqual(await bench.tree.refresh(before.id, asking(0)), before);
});

/** The log tells of everything at once; what is not shown yet has no row for it. */
function hideFromLog(...ids: string[]): () => void {
  const { tree } = bench.drive;
  const { changes } = tree!;
  const isHidden = (change: Change) => change.kind === 'put' && ids.includes(change.placed.item.id);
  tree!.changes = async (since, options) => {
    const page = await changes.call(tree, since, options);
    const shown = page.changes.map((change): Change => {
      if (!isHidden(change)) return change;
      return { kind: 'removed', id: ids[0]!, by: 'its absence' };
    });
    return { ...page, changes: shown };
  };
  return () => Object.assign(tree!, { changes });
}

test('what was made here stays, though the log tells of it before it has a row', async () => {
  const { server } = bench.drive;
  const end = lag();
  server.write('/ours', 'text');
  const ours = there('/ours');
  bench.tree.learn(bench.tree.root, ours);
  const shown = hideFromLog(ours.id);
  await poll();
  assert.deepEqual(bench.tree.peek(ours.id), ours);
  end();
  shown();
  await bench.clock.run(6_000);
  await poll();
  assert.deepEqual(bench.tree.peek(ours.id), ours);
});

test('what was made here and is gone without the log saying so is gone when that can be no lag any more', async () => {
  const { server } = bench.drive;
  server.write('/ours', 'text');
  const ours = there('/ours');
  bench.tree.learn(bench.tree.root, ours);
  server.takeAway('/ours');
  server.log.pop();
  await poll();
  assert.deepEqual(bench.tree.peek(ours.id), ours, 'nobody may believe it yet');
  await bench.clock.run(6_000);
  await poll();
  assert.equal(bench.tree.peek(ours.id), undefined);
});

test('what was made here and somebody else removed is gone as soon as the log says so', async () => {
  const { server } = bench.drive;
  server.write('/ours', 'text');
  const ours = there('/ours');
  bench.tree.learn(bench.tree.root, ours);
  server.remove('/ours');
  await poll();
  assert.equal(bench.tree.peek(ours.id), undefined);
});

/** The first times that it is asked, the log waits for what front ends do not show yet. */
function holdUp(times: number): { asked: number } {
  const tree = bench.drive.tree!;
  const { changes } = tree;
  const count = { asked: 0 };
  tree.changes = async (since, options) => {
    count.asked += 1;
    const held = { changes: [], token: since, more: false, awaited: ['somebody'] };
    return count.asked <= times ? held : changes.call(tree, since, options);
  };
  return count;
}

test('what others moved is not taken for gone while the log waits for what front ends do not show yet', async () => {
  const { server } = bench.drive;
  const { id } = there('/known');
  const count = holdUp(2);
  server.makeFolder('/into');
  server.move('/known', '/into/known');
  const refreshed = await answered(bench.tree.refresh(id, asking(0)));
  assert.equal(refreshed?.id, id);
  assert.equal(bench.tree.pathOf(id), '/into/known');
  assert.ok(!bench.told.some(({ kind }) => kind === 'removed'), 'never gone');
  assert.ok(count.asked > 2);
});

test('who asks the log again and again for what it waits for is answered in the end', async () => {
  const { id } = there('/known');
  holdUp(Number.POSITIVE_INFINITY);
  bench.drive.server.remove('/known');
  assert.equal(await answered(bench.tree.refresh(id, asking(0))), null);
});

test('while the log is read for the first time, what a listing lacks is not taken for gone', async () => {
  const fresh = await openTreeBench();
  const { drive, tree } = fresh;
  const { id } = drive.server.item(drive.server.makeFolder('/folder'));
  const other = drive.server.item(drive.server.makeFolder('/other'));
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  drive.beforeCall = ({ name }) => (name === 'changes' ? answered : undefined);
  fresh.start();
  await fresh.idle();
  assert.ok(tree.peek(id), 'the snapshot has it');
  drive.server.move('/folder', '/other/folder');
  await list(tree, tree.root, asking(0));
  assert.equal(tree.parentOf(id), tree.root, 'where it is now the log will tell');
  answer();
  await fresh.idle();
  assert.equal(tree.parentOf(id), other.id);
  await fresh.close();
});

test('what the log is about to tell is not lost where the tree is compared with what does not show it yet', async () => {
  const source = bench.drive.tree!;
  const { changes, snapshot } = source;
  const { id } = bench.drive.server.item(bench.drive.server.write('/late', 'text'));
  source.changes = async (since) => ({
    changes: [{ kind: 'unplaced', id: null }],
    token: since,
    more: false,
  });
  source.snapshot = async (cursor, options) => {
    const page = await snapshot.call(source, cursor, options);
    return { ...page, items: page.items.filter(({ item }) => item.id !== id) };
  };
  await poll();
  assert.equal(bench.tree.statistics.complete, false, 'the log left something open');
  Object.assign(source, { changes });
  await bench.clock.run(60_000);
  await bench.idle();
  assert.equal(bench.tree.statistics.complete, true);
  assert.equal(bench.tree.peek(id)?.name, 'late');
});

test('what the log has told stays where the tree is compared with what does not show it yet', async () => {
  const source = bench.drive.tree!;
  const { changes, snapshot } = source;
  const before = await snapshot.call(source, null, { signal: FOREVER, lane: 'bulk' });
  const { id } = there('/known');
  const end = lag();
  source.snapshot = async () => before;
  bench.drive.server.move('/known', '/moved');
  await poll();
  assert.equal(bench.tree.pathOf(id), '/moved');
  source.changes = async (since) => ({
    changes: [{ kind: 'unplaced', id: null }],
    token: since,
    more: false,
  });
  await poll();
  assert.equal(bench.tree.statistics.complete, false, 'the log left something open');
  source.changes = changes;
  await bench.clock.run(1_000);
  end();
  await bench.clock.run(60_000);
  await bench.idle();
  assert.equal(bench.tree.statistics.complete, true);
  assert.equal(bench.tree.pathOf(id), '/moved');
  assert.ok(!bench.told.some(({ kind }) => kind === 'removed'), 'never gone');
});
