/**
 * The disk is full at each numbered step of docs/SPOOL.md: what is asked for then is done or refused with ENOSPC, never
 * half; and with room again all that had been acknowledged arrives.
 */
import assert from 'node:assert/strict';
import { readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  DEFAULT_SPOOL_LIMITS,
  owedAtRest,
  ROOT_INO,
  SPOOL_STEPS,
  type SpoolStep,
} from '../../src/spool/index.js';
import { noSmallDisk, SmallDisk } from '../support/small-disk.js';
import { SpoolBench } from '../support/spool-bench.js';
import { type Action, applyToModel, applyToSpool, type Model, paths } from '../support/spool-model.js';
import { DEEDS, SERVER_BEFORE } from '../support/spool-victim.js';

const DISK_BYTES = 4 * 1024 * 1024;
const RESERVE_BYTES = DEFAULT_SPOOL_LIMITS.journalReserveBytes;
const EXPECTED = /the disk is full|could not be synced/;

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}

async function benchOn(
  disk: SmallDisk,
  onStep: (step: SpoolStep) => void,
  journalReserveBytes: number,
): Promise<SpoolBench> {
  const bench = new SpoolBench(join(disk.folder, 'state'), {
    onStep,
    limits: { journalReserveBytes },
    expectedWarnings: EXPECTED,
    setUp: ({ server }) => {
      for (const [path, content] of Object.entries(SERVER_BEFORE)) {
        if (content === null) server.makeFolder(path);
        else server.write(path, content);
      }
    },
  });
  await bench.open();
  return bench;
}

/** Does what an application would: what was refused is done again once there is room. */
async function apply(bench: SpoolBench, disk: SmallDisk, action: Action): Promise<void> {
  try {
    await applyToSpool(bench, action);
  } catch (error) {
    assert.equal(codeOf(error), 'ENOSPC', `${JSON.stringify(action)}: ${error}`);
    disk.empty();
    paths(bench);
    await applyToSpool(bench, action);
  }
}

async function fullAt(step: SpoolStep, journalReserveBytes: number): Promise<void> {
  const disk = new SmallDisk(DISK_BYTES);
  /** Once in each deed: what was refused is tried again with room. */
  let isFilled = false;
  const bench = await benchOn(
    disk,
    (reached) => {
      if (reached !== step || isFilled) return;
      isFilled = true;
      disk.fill();
    },
    journalReserveBytes,
  );
  const model: Model = new Map(Object.entries(SERVER_BEFORE));
  try {
    for (const deed of DEEDS) {
      if (deed.kind === 'outsider') continue;
      if (deed.kind === 'wait') await bench.quiesce(20_000);
      else {
        await apply(bench, disk, deed);
        applyToModel(model, deed);
        assert.deepEqual([...paths(bench).keys()].sort(), [...model.keys()].sort());
      }
      disk.empty();
      isFilled = false;
    }
    await bench.spool.sync();
    await bench.reopen();
    isFilled = true;
    disk.empty();
    bench.spool.hurry();
    await bench.quiesce(200_000);
    assert.deepEqual([...bench.spool.all()], [], 'nothing is owed any more');
    assert.deepEqual(bench.serverTree(), Object.fromEntries([...model].sort()));
    assert.deepEqual(bench.spool.quarantined, []);
    assert.deepEqual(readdirSync(join(bench.stateDir, 'payloads')), [], 'no bytes are left over');
    assert.deepEqual(bench.warnings, []);
  } finally {
    await bench.spool.close();
    disk.remove();
  }
}

for (const step of SPOOL_STEPS) {
  test(`the disk is full after ${step}, and nothing was set aside`, { skip: noSmallDisk }, () =>
    fullAt(step, 0),
  );
  test(`the disk is full after ${step}`, { skip: noSmallDisk }, () => fullAt(step, RESERVE_BYTES));
}

test('what fills the disk is recorded and sent, or removed; a full disk opens, and tells what is owed', {
  skip: noSmallDisk,
}, async () => {
  const disk = new SmallDisk(DISK_BYTES);
  const bench = new SpoolBench(join(disk.folder, 'state'), {});
  const reserve = join(bench.stateDir, 'reserve');
  await bench.open();
  try {
    const kept = bench.spool.make('file', { parent: ROOT_INO, name: 'kept' }, {});
    const removed = bench.spool.make('file', { parent: ROOT_INO, name: 'removed' }, {});
    disk.fill();
    // Of both nothing but these few bytes fit.
    truncateSync(join(disk.folder, 'filler'), statSync(join(disk.folder, 'filler')).size - 16 * 1024);
    await bench.write(kept.ino, 'as much as fit');
    await bench.write(removed.ino, 'too much');
    disk.fill();
    bench.spool.remove(removed.ino, null, 'file');
    await bench.spool.close();
    assert.equal(owedAtRest(bench.stateDir).owed, 1);
    await bench.open();
    await bench.quiesce();
    assert.deepEqual(bench.serverTree(), { '/kept': 'as much as fit' });
    assert.ok(statSync(reserve).size < RESERVE_BYTES, 'the journal took of it');
    disk.empty();
    bench.folder(ROOT_INO, 'with room');
    await bench.quiesce();
    await bench.reopen();
    assert.equal(statSync(reserve).size, RESERVE_BYTES);
    assert.deepEqual(bench.warnings, []);
  } finally {
    await bench.spool.close();
    disk.remove();
  }
});

test('below the floor nothing is begun; room that somebody makes is used', {
  skip: noSmallDisk,
}, async () => {
  const disk = new SmallDisk(DISK_BYTES);
  let canMake = false;
  const bench = new SpoolBench(join(disk.folder, 'state'), {
    limits: { freeSpaceFloorBytes: 1024 * 1024 },
    makeRoom: async () => {
      if (canMake) disk.empty();
      return canMake;
    },
  });
  await bench.open();
  try {
    const { ino } = bench.spool.make('file', { parent: 1, name: 'a' }, {});
    disk.fill();
    await assert.rejects(bench.write(ino, 'x'), (error) => codeOf(error) === 'ENOSPC');
    canMake = true;
    await bench.clock.run(1000);
    await bench.write(ino, 'mine');
    await bench.quiesce();
    assert.deepEqual(bench.serverTree(), { '/a': 'mine' });
  } finally {
    await bench.spool.close();
    disk.remove();
  }
});
