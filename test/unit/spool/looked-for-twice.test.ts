/**
 * An attempt got through, nobody heard of it, and the first look for what it left is in vain: the front end that is asked
 * does not show it yet (protocol notes 5.2.6), or somebody has moved its folder meanwhile.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DriveError } from '../../../src/drive/index.js';
import { ROOT_INO } from '../../../src/spool/index.js';
import type { MemoryCallName } from '../../support/memory-drive.js';
import { type SpoolBench, spoolBench } from '../../support/spool-bench.js';

/** The next call of that name gets through and its answer is lost; for a while nobody is shown what it did. */
function loseAnswerTo(bench: SpoolBench, lost: MemoryCallName, isHidden: (path: string) => boolean): void {
  let shownAtMs = 0;
  bench.drive.afterCall = ({ name }) => {
    if (name !== lost || shownAtMs > 0) return;
    shownAtMs = bench.clock.now() + 3_000;
    throw new DriveError('unreachable', 'the line was cut');
  };
  bench.drive.beforeCall = ({ name, path }) => {
    if (name !== 'stat' || !isHidden(path) || bench.clock.now() >= shownAtMs) return;
    throw new DriveError('absent', 'HTTP status 404');
  };
}

/** Until the answer is lost. */
async function untilAsked(bench: SpoolBench, name: MemoryCallName): Promise<void> {
  while (bench.drive.count(name) === 0) await bench.clock.run(50);
}

for (const kind of ['file', 'folder'] as const) {
  const call = kind === 'file' ? 'upload' : 'makeDirectory';
  const making = async (bench: SpoolBench, parent: number) =>
    kind === 'file' ? await bench.file(parent, 'new', 'text') : bench.folder(parent, 'new').ino;

  test(`a new ${kind} that is removed before the server shows it does not come back`, async (t) => {
    const bench = await spoolBench(t);
    loseAnswerTo(bench, call, () => true);
    const ino = await making(bench, ROOT_INO);
    await untilAsked(bench, call);
    bench.spool.remove(ino, null, kind);
    await bench.quiesce();
    assert.deepEqual([bench.serverTree(), bench.spool.statistics.owed], [{}, 0]);
  });

  test(`a new ${kind} that is renamed before the server shows it is not there twice`, async (t) => {
    const bench = await spoolBench(t);
    loseAnswerTo(bench, call, () => true);
    const ino = await making(bench, ROOT_INO);
    await untilAsked(bench, call);
    bench.spool.rename(ino, null, kind, { parent: ROOT_INO, name: 'named' }, null);
    await bench.quiesce();
    assert.deepEqual(bench.serverTree(), { '/named': kind === 'file' ? 'text' : null });
    assert.equal(bench.spool.statistics.owed, 0);
  });

  for (const fate of ['removed', 'renamed'] as const)
    test(`a new ${kind}, ${fate} here, is found where somebody moved its folder to`, async (t) => {
      const bench = await spoolBench(t, { setUp: ({ server }) => server.makeFolder('/d') });
      const folder = bench.inoAt('/d');
      bench.spool.bind(folder, bench.itemAt('/d'));
      loseAnswerTo(bench, call, () => false);
      const ino = await making(bench, folder);
      await untilAsked(bench, call);
      bench.drive.server.move('/d', '/e');
      if (fate === 'removed') bench.spool.remove(ino, null, kind);
      else bench.spool.rename(ino, null, kind, { parent: folder, name: 'named' }, null);
      await bench.quiesce();
      const named = { '/e/named': kind === 'file' ? 'text' : null };
      assert.deepEqual(bench.serverTree(), { '/e': null, ...(fate === 'renamed' && named) });
      assert.equal(bench.spool.statistics.owed, 0);
    });
}

test('a file that is removed before the server shows where we moved it does not come back', async (t) => {
  const bench = await spoolBench(t, { setUp: ({ server }) => server.write('/old', 'text') });
  const [ino, item] = [bench.inoAt('/old'), bench.itemAt('/old')];
  loseAnswerTo(bench, 'move', (path) => path === '/new');
  bench.spool.rename(ino, item, 'file', { parent: ROOT_INO, name: 'new' }, null);
  await untilAsked(bench, 'move');
  bench.spool.remove(ino, item, 'file');
  await bench.quiesce();
  assert.deepEqual([bench.serverTree(), bench.spool.statistics.owed], [{}, 0]);
});

test('where nothing was left, nobody is kept waiting for long', async (t) => {
  const bench = await spoolBench(t);
  bench.drive.beforeCall = ({ name }) => {
    if (name === 'upload') throw new DriveError('unreachable', 'the line was cut');
  };
  const ino = await bench.file(ROOT_INO, 'new', 'text');
  await untilAsked(bench, 'upload');
  bench.spool.remove(ino, null, 'file');
  await bench.quiesce(12_000);
  assert.equal(bench.spool.statistics.owed, 0);
  assert.equal(bench.drive.count('stat'), 2, 'at once, and when no front end lags any more');
});
