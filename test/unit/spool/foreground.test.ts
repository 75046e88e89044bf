/** Sending makes way for programs at work, within bounds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Foreground } from '../../../src/spool/foreground.js';
import { type Ino, ROOT_INO } from '../../../src/spool/index.js';
import { DEFAULT_SPOOL_LIMITS } from '../../../src/spool/spool-limits.js';
import { FakeClock } from '../../support/fake-clock.js';
import { type SpoolBench, spoolBench } from '../../support/spool-bench.js';

const { parallelUploads, quietMs } = DEFAULT_SPOOL_LIMITS;
const STEP_MS = 50;

test('a spell of work ends with a pause, and after a while by itself', () => {
  const clock = new FakeClock();
  const foreground = new Foreground(clock, { isWaiting: false });
  const workFor = (milliseconds: number): number => {
    let busyMs = 0;
    for (let passed = 0; passed < milliseconds; passed += STEP_MS) {
      foreground.changed();
      if (foreground.isBusy) busyMs += STEP_MS;
      clock.advance(STEP_MS);
    }
    return busyMs;
  };
  assert.equal(foreground.isBusy, false, 'nobody did anything yet');
  foreground.changed();
  assert.equal(foreground.isBusy, true);
  clock.advance(200);
  assert.equal(foreground.isBusy, false, 'a pause');
  assert.ok(workFor(10_000) <= 4000, 'one long spell');
  clock.advance(500);
  assert.equal(workFor(1000), 0, 'a short rest does not make it another');
  clock.advance(2000);
  assert.equal(workFor(1000), 1000, 'another spell');
});

test('who wants everything sent now waits for nobody', () => {
  const foreground = new Foreground(new FakeClock(), { isWaiting: false });
  foreground.changed();
  foreground.over();
  assert.equal(foreground.isBusy, false);
  foreground.changed();
  assert.equal(foreground.isBusy, true);
});

/** More files than may be sent at once; none of their uploads ends before `finish`. */
async function heldUploads(bench: SpoolBench) {
  const held: (() => void)[] = [];
  bench.drive.beforeCall = ({ name }) =>
    name === 'upload' ? new Promise<void>((resolve) => held.push(resolve)) : undefined;
  const inos: Ino[] = [];
  for (let n = 0; n < 2 * parallelUploads; n += 1) inos.push(await bench.file(ROOT_INO, `f${n}`, 'x'));
  const finish = () => {
    bench.drive.beforeCall = () => undefined;
    for (const resolve of held.splice(0)) resolve();
  };
  return { inos, finish, underWay: () => held.length };
}

/** A program that changes something else all the time. */
async function workFor(bench: SpoolBench, milliseconds: number): Promise<void> {
  const { ino } = bench.folder(ROOT_INO, 'elsewhere');
  for (let passed = 0; passed < milliseconds; passed += STEP_MS) {
    bench.spool.touch(ino, null, bench.clock.now());
    await bench.clock.run(STEP_MS);
  }
}

test('nothing is begun while programs are at work, and all the room is used afterwards', async (t) => {
  const bench = await spoolBench(t);
  const { underWay, finish } = await heldUploads(bench);
  await workFor(bench, quietMs + 500);
  assert.equal(underWay(), 0);
  await workFor(bench, 4000);
  assert.equal(underWay(), parallelUploads, 'long work is served best by sending');
  finish();
  await bench.quiesce();
  assert.equal(Object.keys(bench.serverTree()).length, 2 * parallelUploads + 1);
});

test('what somebody waits for is not put off by work elsewhere', async (t) => {
  const bench = await spoolBench(t);
  const { inos, underWay, finish } = await heldUploads(bench);
  const settled = bench.spool.settled(inos, new AbortController().signal);
  await workFor(bench, 200);
  assert.equal(underWay(), parallelUploads);
  finish();
  await bench.quiesce();
  await settled;
});
