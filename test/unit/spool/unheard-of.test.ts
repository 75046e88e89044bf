/**
 * Something is owed, others have moved its folder, and then the cache was thrown away: not found where it was, it is not
 * taken for gone, neither forgotten nor made a second time.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Ino } from '../../../src/spool/index.js';
import { type SpoolBench, spoolBench } from '../../support/spool-bench.js';

type Owing = (bench: SpoolBench, ino: Ino, item: string) => unknown;

const OWED: Readonly<Record<string, { readonly owe: Owing; readonly tree: Record<string, string | null> }>> =
  {
    'an edit': {
      owe: (bench, ino, item) => bench.write(ino, 'ours', item),
      tree: { '/e': null, '/e/f': 'ours' },
    },
    'a removal': {
      owe: ({ spool }, ino, item) => spool.remove(ino, item, 'file'),
      tree: { '/e': null },
    },
    'a time': {
      owe: ({ spool }, ino, item) => spool.touch(ino, item, 86_400_000),
      tree: { '/e': null, '/e/f': 'theirs' },
    },
    'the removal of all of it': {
      owe: (bench, ino, item) => {
        bench.spool.remove(ino, item, 'file');
        bench.spool.remove(bench.inoAt('/d'), bench.itemAt('/d'), 'folder');
      },
      tree: {},
    },
  };

async function withoutCache(t: TestContext, owe: Owing) {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => {
      server.makeFolder('/d');
      server.write('/d/f', 'theirs');
    },
  });
  for (const path of ['/d', '/d/f']) bench.spool.bind(bench.inoAt(path), bench.itemAt(path));
  const item = bench.itemAt('/d/f');
  await owe(bench, bench.inoAt('/d/f'), item);
  bench.drive.server.move('/d', '/e');
  const { catchUp } = bench.remote.tree;
  bench.remote.tree.forgetAll();
  bench.remote.tree.catchUp = () => Promise.resolve(false);
  const known = () => {
    bench.remote.tree.learnAll();
    bench.remote.tree.catchUp = catchUp;
  };
  return { bench, item, known };
}

for (const [what, { owe, tree }] of Object.entries(OWED)) {
  test(`${what} waits until somebody can say where it is`, async (t) => {
    const { bench, item, known } = await withoutCache(t, owe);
    await bench.quiesce(30_000);
    assert.deepEqual(bench.serverTree(), { '/e': null, '/e/f': 'theirs' });
    assert.ok(bench.spool.statistics.owed > 0);
    known();
    await bench.quiesce(600_000);
    assert.deepEqual(bench.serverTree(), tree);
    assert.equal(bench.spool.statistics.owed, 0);
    if ('/e/f' in tree) assert.equal(bench.itemAt('/e/f'), item, 'it is who it was');
  });

  test(`${what} is given up in the end where nobody will ever be able to`, async (t) => {
    const { bench } = await withoutCache(t, owe);
    for (let minute = 0; minute < 60 && bench.spool.statistics.owed > 0; minute += 1) await bench.quiesce();
    assert.equal(bench.spool.statistics.owed, 0);
    assert.equal(bench.serverTree()['/e/f'], 'theirs');
  });
}
