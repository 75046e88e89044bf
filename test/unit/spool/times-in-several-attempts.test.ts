/**
 * A server reads a date otherwise than it was meant (protocol notes 3.5), and is told it in another writing: each attempt
 * makes a version of the item, and whoever follows the tree sees it.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ROOT_INO } from '../../../src/spool/index.js';
import { type SpoolBench, spoolBench } from '../../support/spool-bench.js';

/** 2026-11-22 01:00:30 UTC: before anything here begins. */
const TOLD_MS = Date.UTC(2026, 10, 22, 1, 0, 30);

/** `act` while the item has the version of the first attempt, and everybody knows. */
async function betweenAttempts(
  t: TestContext,
  act: (bench: SpoolBench) => Promise<void>,
): Promise<SpoolBench> {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => void server.write('/f', 'before', TOLD_MS - 3_600_000),
  });
  const { drive, remote } = bench;
  drive.misread = async () => {
    drive.misread = null;
    remote.tree.learnAll();
    await act(bench);
    drive.afterCall = () => remote.tree.learnAll();
  };
  bench.spool.touch(bench.inoAt('/f'), bench.itemAt('/f'), TOLD_MS);
  await bench.quiesce();
  assert.equal(drive.misread, null, 'there were two attempts');
  return bench;
}

test('what is written between two attempts to set a time is the next version, and no conflict', async (t) => {
  const bench = await betweenAttempts(t, (there) =>
    there.write(there.inoAt('/f'), 'mine', there.itemAt('/f')),
  );
  assert.deepEqual(bench.serverTree(), { '/f': 'mine' });
  assert.equal(bench.spool.statistics.conflicts, 0);
});

test('what is renamed over the file between two attempts to set its time is its next version', async (t) => {
  const bench = await betweenAttempts(t, async (there) => {
    const [ino, item, version] = [there.inoAt('/f'), there.itemAt('/f'), there.versionAt('/f')];
    const { ino: fresh } = there.spool.make('file', { parent: ROOT_INO, name: 'fresh' }, {});
    await there.write(fresh, 'mine');
    there.spool.rename(
      fresh,
      null,
      'file',
      { parent: ROOT_INO, name: 'f' },
      { ino, item, kind: 'file', version },
    );
  });
  assert.deepEqual(bench.serverTree(), { '/f': 'mine' });
  assert.equal(bench.spool.statistics.conflicts, 0);
});
