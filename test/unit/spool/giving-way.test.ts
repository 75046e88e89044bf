import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_INO } from '../../../src/spool/index.js';
import type { SpoolBench } from '../../support/spool-bench.js';
import { spoolBench } from '../../support/spool-bench.js';

const STEP_MS = 50;
const LONGEST_MS = 3000;

/** Makes files one after another for so long, and tells when the first of them was sent. */
async function busyFor(bench: SpoolBench, milliseconds: number): Promise<number | null> {
  let firstMs: number | null = null;
  const before = bench.drive.count('upload');
  for (let atMs = 0; atMs < milliseconds; atMs += STEP_MS) {
    await bench.file(ROOT_INO, `${bench.clock.now()}.txt`, 'content');
    await bench.clock.run(STEP_MS);
    if (bench.drive.count('upload') > before) firstMs ??= atMs + STEP_MS;
  }
  return firstMs;
}

test('nothing is sent while a caller makes one file after another, and all of it once the caller rests', async (t) => {
  const bench = await spoolBench(t);
  assert.equal(await busyFor(bench, 2000), null);
  await bench.quiesce(2000);
  assert.equal(bench.drive.count('upload'), 2000 / STEP_MS);
  assert.equal(bench.spool.statistics.owed, 0);
});

test('a caller that never rests is given way for a while only, and for half of the time in the long run', async (t) => {
  const bench = await spoolBench(t);
  const firstMs = await busyFor(bench, 2 * LONGEST_MS - STEP_MS);
  assert.ok(
    firstMs !== null && firstMs >= LONGEST_MS && firstMs <= LONGEST_MS + 2 * STEP_MS,
    String(firstMs),
  );
  assert.ok(bench.drive.count('upload') >= 50, 'what was due by then, and what became due in its turn');
  const sent = bench.drive.count('upload');
  await busyFor(bench, LONGEST_MS - STEP_MS);
  assert.ok(bench.drive.count('upload') <= sent + 10, 'then it is the turn of the callers again');
});

test('whoever is in a hurry gets a turn at once', async (t) => {
  const bench = await spoolBench(t);
  await busyFor(bench, 1000);
  bench.spool.hurry();
  await busyFor(bench, STEP_MS);
  assert.ok(bench.drive.count('upload') > 0, 'sent in the midst of it');
});

test('nobody is given way while somebody waits for what is sent', async (t) => {
  const bench = await spoolBench(t);
  const ino = await bench.file(ROOT_INO, 'awaited.txt', 'content');
  let isSettled = false;
  const settled = bench.spool.settled([ino], new AbortController().signal).then(() => {
    isSettled = true;
  });
  for (let files = 0; files < 10 && !isSettled; files += 1) {
    await bench.file(ROOT_INO, `${files}.txt`, 'content');
    await bench.clock.run(STEP_MS);
  }
  assert.ok(isSettled, 'sent while others were busy');
  await settled;
});
