/** A file that is being written: nothing of it is sent before it was committed, wherever its node stands. */
import assert from 'node:assert/strict';
import { ftruncateSync, writeSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { DriveError } from '../../../src/drive/index.js';
import { type Ino, ROOT_INO } from '../../../src/spool/index.js';
import { type SpoolBench, spoolBench } from '../../support/spool-bench.js';

/** A new file in the place of one that was removed here, whose first upload had no answer: it has that one's item. */
async function heir(t: TestContext): Promise<{ bench: SpoolBench; ino: Ino }> {
  const bench = await spoolBench(t, { setUp: ({ server }) => server.write('/a', 'old') });
  bench.drive.beforeCall = ({ name }) => {
    if (name === 'upload') throw new DriveError('unreachable', 'cut');
  };
  bench.spool.remove(bench.inoAt('/a'), bench.itemAt('/a'), 'file');
  const ino = await bench.file(ROOT_INO, 'a', 'first');
  await bench.quiesce(5000);
  bench.drive.beforeCall = () => undefined;
  assert.equal(bench.spool.owed(ino)?.item, bench.itemAt('/a'));
  return { bench, ino };
}

test('a file that took the place of a removed one is not sent while it is written anew', async (t) => {
  const { bench, ino } = await heir(t);
  const options = { item: null, base: 'absent', truncate: true, seed: () => Promise.resolve(0) } as const;
  const update = await bench.spool.beginUpdate(ino, options);
  writeSync(update.descriptor, 'half', 0);
  bench.spool.hurry();
  await bench.quiesce();
  assert.equal(bench.spool.owed(ino)?.state.kind, 'staged', 'its writer has not said that it is whole');
  assert.deepEqual(bench.serverTree(), { '/a': 'old' });
  ftruncateSync(update.descriptor);
  writeSync(update.descriptor, 'the whole', 0);
  bench.spool.commit(ino, 9);
  update.close();
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a': 'the whole' });
});

test('what is to be moved is moved while it is written', async (t) => {
  const bench = await spoolBench(t, { setUp: ({ server }) => server.write('/a', 'old') });
  const [ino, item] = [bench.inoAt('/a'), bench.itemAt('/a')];
  const base = { version: bench.versionAt('/a') };
  const update = await bench.spool.beginUpdate(ino, {
    ...{ item, base, truncate: true },
    seed: () => Promise.resolve(0),
  });
  bench.spool.rename(ino, item, 'file', { parent: ROOT_INO, name: 'b' }, null);
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/b': 'old' });
  writeSync(update.descriptor, 'new', 0);
  bench.spool.commit(ino, 3);
  update.close();
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/b': 'new' });
});
