/** The kernel asks twice for what could not be read: one page more, at once. Nobody waits twice for that. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DriveError } from '../../../src/drive/index.js';
import { type ContentBench, NEVER, openContentBench, pattern } from '../../support/cache-content.js';

const MIB = 1024 * 1024;
const PAGE = 4096;
let bench: ContentBench;

beforeEach(async () => {
  bench = await openContentBench();
  bench.served.set('a', { version: 'v1', bytes: pattern(MIB) });
});
afterEach(async () => {
  await bench.close();
  assert.deepEqual(bench.complaints, []);
});

/** From now on the server lets everybody wait for so long, in vain. */
const failsAfter = (waitMs: number) => {
  bench.beforeAnswer = async () => {
    await nextTurn();
    bench.clock.advance(waitMs);
    throw new DriveError('throttled', 'the server asked for a pause');
  };
};

test('who waited in vain for long is told at once when asking again, and a moment later asks anew', async () => {
  failsAfter(60_000);
  const content = bench.cache.open('a', 'v1', MIB);
  const refused = () => assert.rejects(async () => content.read(0, PAGE, NEVER), { kind: 'throttled' });
  await refused();
  const asked = bench.requests.length;
  await refused();
  assert.equal(bench.requests.length, asked, 'the same failure');
  bench.clock.advance(1_000);
  bench.beforeAnswer = () => {};
  assert.equal((await content.read(0, PAGE, NEVER)).length, PAGE);
  content.close();
});

test('a failure that nobody waited for is no reason not to ask', async () => {
  failsAfter(100);
  const content = bench.cache.open('a', 'v1', MIB);
  await assert.rejects(async () => content.read(0, PAGE, NEVER), { kind: 'throttled' });
  bench.beforeAnswer = () => {};
  assert.equal((await content.read(0, PAGE, NEVER)).length, PAGE);
  content.close();
});

test('what is here is read all the same', async () => {
  const content = bench.cache.open('a', 'v1', MIB);
  const there = await content.read(0, PAGE, NEVER);
  await bench.idle();
  failsAfter(60_000);
  await assert.rejects(async () => content.read(MIB - PAGE, PAGE, NEVER), { kind: 'throttled' });
  assert.deepEqual(await content.read(0, PAGE, NEVER), there);
  content.close();
});
