/** News of what somebody else did comes before the answer to what we did before that. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT_INO, type SpoolStep } from '../../../src/spool/index.js';
import { SpoolBench, spoolBench } from '../../support/spool-bench.js';

for (const step of ['setModified', 'move'] as const) {
  test(`what is known to be gone by the time that the answer to a ${step} comes is not told of as there`, async (t) => {
    const bench = await spoolBench(t, { setUp: ({ server }) => void server.write('/f', 'x') });
    const [ino, item] = [bench.inoAt('/f'), bench.itemAt('/f')];
    const { drive, remote, spool } = bench;
    drive.afterCall = ({ name }) => {
      if (name !== step) return;
      drive.server.remove(step === 'move' ? '/g' : '/f');
      remote.tree.learnAll();
      spool.remoteRemoved(item, 'file', { parent: ROOT_INO, name: 'f' }, remote.tree.root);
    };
    if (step === 'move') spool.rename(ino, item, 'file', { parent: ROOT_INO, name: 'g' }, null);
    else spool.touch(ino, item, 1_000_000);
    await bench.quiesce();
    assert.deepEqual(bench.serverTree(), {});
    assert.equal(spool.statistics.owed, 0);
    assert.deepEqual(remote.stores, []);
  });
}

test('an answer that was overtaken is known as that after a crash, too', async (t) => {
  const atCrash = mkdtempSync(join(tmpdir(), 'odbfs-spool-crash-'));
  const onStep = (step: SpoolStep) => {
    if (step === 'S9 success recorded') cpSync(bench.stateDir, atCrash, { recursive: true });
  };
  const bench = await spoolBench(t, { onStep, setUp: ({ server }) => void server.write('/f', 'x') });
  const { drive, remote, spool } = bench;
  drive.afterCall = ({ name }) => {
    if (name !== 'move') return;
    drive.server.write('/g', 'theirs');
    remote.tree.learnAll();
  };
  const place = { parent: ROOT_INO, name: 'g' };
  spool.rename(bench.inoAt('/f'), bench.itemAt('/f'), 'file', place, null);
  await bench.quiesce();
  const after = new SpoolBench(atCrash, {});
  t.after(async () => {
    await after.spool.close();
    rmSync(atCrash, { recursive: true });
  });
  await after.open();
  for (const { stores } of [remote, after.remote]) {
    assert.deepEqual(
      stores.map(({ isOvertaken }) => isOvertaken),
      [true],
    );
  }
});
