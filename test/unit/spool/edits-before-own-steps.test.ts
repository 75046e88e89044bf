/**
 * Somebody's edit of the same size and within the same second, which comes just before a move of ours or a time that we
 * tell: told from our own doing by how far the server counted, and by the bytes where it may be either.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { DriveError } from '../../../src/drive/index.js';
import { ROOT_INO } from '../../../src/spool/index.js';
import { StepLengths } from '../../../src/spool/step-lengths.js';
import { type SpoolBench, spoolBench } from '../../support/spool-bench.js';

/** 2026-11-22 01:00:00 UTC: before anything here begins. */
const TOLD_MS = Date.UTC(2026, 10, 22, 1);
const STEPS = ['move', 'setModified'] as const;
type Step = (typeof STEPS)[number];

function begin(bench: SpoolBench, step: Step, name: string, told = TOLD_MS): void {
  const [ino, item] = [bench.inoAt(`/${name}`), bench.itemAt(`/${name}`)];
  if (step === 'setModified') bench.spool.touch(ino, item, told);
  else bench.spool.rename(ino, item, 'file', { parent: ROOT_INO, name: `${name}2` }, null);
}

/** A server that was seen to do `step` before, and a file on it. */
async function seenBefore(test: TestContext, step: Step): Promise<SpoolBench> {
  const bench = await spoolBench(test, {
    setUp: ({ server }) => {
      server.write('/other', 'other', TOLD_MS - 60_000);
      server.write('/f', 'before', step === 'move' ? TOLD_MS : TOLD_MS - 60_000);
    },
    expectedWarnings: /both are kept|it stays/,
  });
  begin(bench, step, 'other');
  await bench.quiesce();
  return bench;
}

/** Once, when the server is about to do `step`. */
function justBefore({ drive }: SpoolBench, step: Step, act: () => Promise<void> | void): void {
  drive.beforeCall = ({ name }) => {
    if (name !== step) return;
    drive.beforeCall = () => undefined;
    return act();
  };
}

for (const step of STEPS) {
  test(`what is written while a ${step} is under way does not go over somebody's edit just before it`, async (t) => {
    const bench = await seenBefore(t, step);
    const [ino, item] = [bench.inoAt('/f'), bench.itemAt('/f')];
    begin(bench, step, 'f');
    justBefore(bench, step, async () => {
      bench.drive.server.write('/f', 'theirs', TOLD_MS);
      await bench.write(ino, 'mine', item);
    });
    await bench.quiesce();
    assert.deepEqual(Object.values(bench.serverTree()).sort(), ['mine', 'other', 'theirs']);
  });

  test(`a ${step} that took somebody's edit along says so to the caches`, async (t) => {
    const bench = await seenBefore(t, step);
    const before = bench.remote.stores.length;
    begin(bench, step, 'f');
    justBefore(bench, step, () => void bench.drive.server.write('/f', 'theirs', TOLD_MS));
    await bench.quiesce();
    assert.deepEqual(
      bench.remote.stores.slice(before).map(({ isEdited }) => isEdited),
      [true],
    );
  });

  test(`a file that is removed while a ${step} is under way stays with somebody's edit just before it`, async (t) => {
    const bench = await seenBefore(t, step);
    const [ino, item] = [bench.inoAt('/f'), bench.itemAt('/f')];
    begin(bench, step, 'f');
    justBefore(bench, step, () => {
      bench.drive.server.write('/f', 'theirs', TOLD_MS);
      bench.spool.remove(ino, item, 'file');
    });
    await bench.quiesce();
    assert.deepEqual(Object.values(bench.serverTree()).sort(), ['other', 'theirs']);
    assert.equal(bench.spool.statistics.owed, 0);
  });

  test(`somebody's edit after a ${step} whose answer was lost is told from what we sent by its bytes`, async (t) => {
    const bench = await spoolBench(t, { expectedWarnings: /both are kept/ });
    const { drive } = bench;
    const ino = await bench.file(ROOT_INO, 'f', 'before');
    await bench.quiesce();
    const item = bench.itemAt('/f');
    const hasMs = bench.remote.tree.peek(item)!.modifiedMs;
    const afterwardsMs = step === 'move' ? hasMs : hasMs + 60_000;
    drive.afterCall = ({ name }) => {
      if (name !== step) return;
      drive.afterCall = () => undefined;
      drive.server.write(step === 'move' ? '/f2' : '/f', 'theirs', afterwardsMs);
      drive.beforeCall = ({ name: later }) => {
        if (later === step) throw new DriveError('unreachable', 'the line stays down');
      };
      throw new DriveError('unreachable', 'the answer was lost');
    };
    begin(bench, step, 'f', afterwardsMs);
    await bench.quiesce(3000);
    await bench.write(ino, 'mine', item);
    drive.beforeCall = () => undefined;
    await bench.quiesce();
    assert.deepEqual(Object.values(bench.serverTree()).sort(), ['mine', 'theirs']);
  });
}

test('a server that goes on writing into some of what it got has few of them read back', async (t) => {
  const bench = await spoolBench(t);
  const { server } = bench.drive;
  const uploaded: string[] = [];
  bench.drive.beforeCall = (call) => {
    const { path } = call;
    if (call.name === 'upload') uploaded.push(path);
    const isWrittenInto = uploaded.indexOf(path) % 3 === 2;
    if (call.name === 'setModified' && isWrittenInto) server.write(path, server.text(path)!, TOLD_MS);
  };
  for (let index = 0; index < 45; index += 1) {
    const ino = await bench.file(ROOT_INO, `f${index}`, `bytes ${index}`);
    bench.spool.touch(ino, null, TOLD_MS);
    await bench.quiesce(4_000);
  }
  assert.equal(bench.spool.statistics.owed, 0);
  assert.ok(bench.remote.stores.every(({ isEdited }) => !isEdited));
  const reads = bench.drive.count('read');
  assert.equal(reads, 8);
});

test('how far a step leads is what most answers told; of two the longer one', () => {
  const lengths = new StepLengths();
  const move = { moves: 1, times: 0 };
  assert.equal(lengths.most(move), Number.POSITIVE_INFINITY);
  lengths.add('moves', 2);
  assert.equal(lengths.most(move), 2);
  lengths.add('moves', 1);
  assert.equal(lengths.most(move), 2);
  lengths.add('moves', 1);
  assert.equal(lengths.most(move), 1);
  lengths.add('moves', -1);
  lengths.add('times', 0);
  assert.equal(lengths.most({ moves: 2, times: 3 }), 2);
  for (let doubt = 0; doubt < 8; doubt += 1) lengths.compared('moves', 2, false);
  assert.equal(lengths.most(move), 2, 'the bytes cleared it again and again');
  lengths.compared('moves', 2, true);
  assert.equal(lengths.most(move), 1, 'and then they did not');
});
