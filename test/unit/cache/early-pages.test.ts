/** A snapshot's first pages may show the tree as it was some seconds ago, before the token that the log begins at (protocol notes 5.2.6). */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { DriveError, type SnapshotPage } from '../../../src/drive/index.js';
import { FOREVER, list, openTreeBench, serverTree, type TreeBench, walk } from '../../support/cache-tree.js';
import type { MemoryTreeSource } from '../../support/memory-tree-source.js';

let bench: TreeBench;
let source: MemoryTreeSource;
beforeEach(async () => {
  bench = await openTreeBench();
  source = bench.drive.tree as MemoryTreeSource;
  bench.drive.server.makeFolder('/folder');
  bench.drive.server.write('/folder/stays', 'text');
  bench.drive.server.write('/folder/goes', 'text');
});
afterEach(() => bench.close());

/** Pages are as the server is now, until that is ended. */
async function lagging(): Promise<() => void> {
  const { snapshot } = source;
  const pages = new Map<string | null, SnapshotPage>();
  for (let cursor: string | null = null, isMore = true; isMore; isMore = cursor !== null) {
    const page: SnapshotPage = await source.snapshot(cursor, { signal: FOREVER, lane: 'bulk' });
    pages.set(cursor, page);
    cursor = page.next;
  }
  source.snapshot = async (cursor) => pages.get(cursor)!;
  return () => Object.assign(source, { snapshot });
}

function counted(): { snapshots: number } {
  const count = { snapshots: 0 };
  bench.drive.beforeCall = ({ name }) => {
    if (name === 'snapshot') count.snapshots += 1;
  };
  return count;
}

/** What others did before the token was taken; the lag is over before it can be anything but past. */
async function begunBehind(): Promise<void> {
  const end = await lagging();
  const { server } = bench.drive;
  server.write('/folder/new', 'text');
  server.write('/folder/stays', 'longer text');
  server.remove('/folder/goes');
  server.makeFolder('/new folder');
  await bench.follow();
  assert.equal(bench.tree.statistics.complete, true);
  end();
}

/** And with the next changes. */
async function afterTheLag(): Promise<void> {
  await bench.clock.run(15_000);
  await bench.idle();
}

async function isEqual(): Promise<void> {
  assert.deepEqual(await walk(bench.tree, Number.POSITIVE_INFINITY), serverTree(bench));
}

describe('what the first page lagged behind, the log does not tell', () => {
  test('shows once the lag is over', async () => {
    await begunBehind();
    assert.notDeepEqual(await walk(bench.tree, Number.POSITIVE_INFINITY), serverTree(bench));
    const count = counted();
    await afterTheLag();
    assert.equal(count.snapshots, 1);
    await isEqual();
    await bench.clock.run(60_000);
    assert.equal(count.snapshots, 1);
  });

  test('is told', async () => {
    await begunBehind();
    await afterTheLag();
    const told = bench.told.map(
      (change) => `${change.kind} ${change.kind === 'removed' ? change.item.name : ''}`,
    );
    assert.deepEqual(
      told.filter((line) => line.startsWith('removed')),
      ['removed goes'],
    );
  });

  test('also after a restart, but for what is gone', async () => {
    await begunBehind();
    await bench.clock.run(10_000);
    await bench.restart();
    const count = counted();
    bench.start();
    await bench.idle();
    assert.equal(count.snapshots, 0, 'not as the first thing');
    await afterTheLag();
    const left = await walk(bench.tree, Number.POSITIVE_INFINITY);
    left.delete('/folder/goes');
    assert.deepEqual(left, serverTree(bench));
  });

  test('in each page that was asked for so early', async () => {
    source.pageSize = 1;
    await begunBehind();
    const count = counted();
    await afterTheLag();
    // What was the last page is two by now.
    assert.equal(count.snapshots, 4);
    await isEqual();
  });

  test('and not in those that were asked for later', async () => {
    source.pageSize = 1;
    bench.drive.beforeCall = async ({ name }) => {
      if (name === 'snapshot') bench.clock.advance(3_000);
    };
    await bench.follow();
    const count = counted();
    await afterTheLag();
    assert.equal(count.snapshots, 2);
  });

  test('without the versions of files: in a folder that was listed so early, too', async () => {
    source.tellsVersions = false;
    const { server } = bench.drive;
    const folder = server.item(server.find('/folder')!);
    const items = ['stays', 'goes'].map((name) => server.item(server.find(`/folder/${name}`)!));
    await begunBehind();
    bench.clock.advance(100);
    const { list: listed } = bench.drive;
    bench.drive.list = async function* () {
      yield { folder, items };
    };
    assert.equal((await list(bench.tree, folder.id)).length, 2);
    bench.drive.list = listed;
    await afterTheLag();
    const names = (await list(bench.tree, folder.id)).map(({ name }) => name);
    assert.deepEqual(names.sort(), ['new', 'stays']);
  });
});

describe('when the early pages are read once more', () => {
  test('what the log has told of since is not what they say', async () => {
    await begunBehind();
    await bench.clock.run(12_000);
    const end = await lagging();
    bench.drive.server.move('/folder/new', '/moved');
    bench.drive.server.remove('/new folder');
    await bench.tree.pollNow(FOREVER);
    await afterTheLag();
    end();
    await isEqual();
  });

  test('nobody who wants to know what is new waits for them', async () => {
    await begunBehind();
    bench.clock.advance(5_000);
    source.snapshot = () => new Promise(() => {});
    await bench.idle();
    const asked = bench.tree.pollNow(FOREVER);
    await bench.clock.run(300);
    await asked;
  });

  test('it is tried three times where the server refuses', async () => {
    await begunBehind();
    let refused = 0;
    source.snapshot = async () => {
      refused += 1;
      throw new DriveError('protocol', 'that cursor is too old');
    };
    await bench.clock.run(120_000);
    assert.equal(refused, 3);
    assert.equal(bench.tree.statistics.complete, true);
  });

  test('it is tried until the server is reached', async () => {
    await begunBehind();
    const { snapshot } = source;
    source.snapshot = async () => {
      throw new DriveError('unreachable', 'no network');
    };
    await bench.clock.run(600_000);
    source.snapshot = snapshot;
    await bench.clock.run(600_000);
    await isEqual();
  });
});
