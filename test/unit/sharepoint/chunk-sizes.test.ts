/** How chunks grow and shrink. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChunkSizes } from '../../../src/sharepoint/verbs/chunk-sizes.js';
import { FakeClock } from '../../support/fake-clock.js';

const MEGABYTE = 1024 * 1024;
const FIRST = 10 * MEGABYTE;
const unlimited = () => ({ bytes: Number.POSITIVE_INFINITY });

/** Sends one chunk at so many bytes per second; its size. */
function sent(sizes: ChunkSizes, clock: FakeClock, bytesPerSecond: number): number {
  const bytes = sizes.next();
  clock.advance((bytes / bytesPerSecond) * 1000);
  sizes.arrived(bytes);
  return bytes;
}

test('on a good line chunks grow up to ten times the first', () => {
  const clock = new FakeClock();
  const sizes = new ChunkSizes(FIRST, clock, unlimited());
  const seen: number[] = [];
  for (let at = 0; at < 6; at++) seen.push(sent(sizes, clock, 100 * MEGABYTE) / MEGABYTE);
  assert.deepEqual(seen, [10, 40, 100, 100, 100, 100]);
});

test('no chunk grows to more than ten seconds of the line', () => {
  const clock = new FakeClock();
  const sizes = new ChunkSizes(FIRST, clock, unlimited());
  const seen: number[] = [];
  for (let at = 0; at < 4; at++) seen.push(Math.round(sent(sizes, clock, 3 * MEGABYTE) / MEGABYTE));
  assert.deepEqual(seen, [10, 30, 30, 30]);
  const slow = new ChunkSizes(FIRST, clock, unlimited());
  sent(slow, clock, MEGABYTE / 2);
  assert.equal(slow.next(), FIRST);
});

test('a failure halves them, to a tenth of the first at least, and four must arrive before they grow', () => {
  const clock = new FakeClock();
  const sizes = new ChunkSizes(FIRST, clock, unlimited());
  for (let at = 0; at < 10; at++) sizes.failed();
  assert.equal(sizes.next(), MEGABYTE);
  const seen: number[] = [];
  for (let at = 0; at < 6; at++) seen.push(sent(sizes, clock, 100 * MEGABYTE) / MEGABYTE);
  assert.deepEqual(seen, [1, 1, 1, 1, 4, 16]);
});

test('a size that was refused is not tried again', () => {
  const clock = new FakeClock();
  const sizes = new ChunkSizes(FIRST, clock, unlimited());
  sent(sizes, clock, 100 * MEGABYTE);
  assert.equal(sizes.refused(), true);
  for (let at = 0; at < 20; at++) assert.equal(sent(sizes, clock, 100 * MEGABYTE), 20 * MEGABYTE);
  while (sizes.next() > 4096) assert.equal(sizes.refused(), true);
  assert.equal(sizes.refused(), false);
});

test('the next upload knows what was refused, and does not where nothing was taken', () => {
  const [clock, limit] = [new FakeClock(), unlimited()];
  const refused = new ChunkSizes(FIRST, clock, limit);
  while (refused.refused());
  assert.equal(new ChunkSizes(FIRST, clock, limit).next(), FIRST);
  const taken = new ChunkSizes(FIRST, clock, limit);
  assert.equal(taken.refused(), true);
  sent(taken, clock, MEGABYTE);
  assert.equal(new ChunkSizes(FIRST, clock, limit).next(), FIRST / 2);
});

test('a rest that is shorter than its chunk says nothing about the line', () => {
  const sizes = new ChunkSizes(FIRST, new FakeClock(), unlimited());
  sizes.next();
  sizes.arrived(5);
  assert.equal(sizes.next(), FIRST);
});
