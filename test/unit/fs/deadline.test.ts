import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_CROWD } from '../../../src/drive/index.js';
import { withDeadline } from '../../../src/fs/deadline.js';
import { FakeClock } from '../../support/fake-clock.js';

const FOREVER = new AbortController().signal;

test('"10 s, then ETIMEDOUT"', () => {
  const clock = new FakeClock();
  const signal = withDeadline(FOREVER, clock, NO_CROWD);
  clock.advance(9_999);
  assert.equal(signal.aborted, false);
  clock.advance(1);
  assert.equal(signal.reason.errno, 'ETIMEDOUT');
});

test('waiting for a turn does not count while others are answered, up to a minute', () => {
  const clock = new FakeClock();
  const crowd = { isMoving: true };
  const signal = withDeadline(FOREVER, clock, crowd);
  clock.advance(59_999);
  assert.equal(signal.aborted, false);
  clock.advance(1);
  assert.equal(signal.reason.errno, 'ETIMEDOUT');
});

test('a line that comes to a stop is silence', () => {
  const clock = new FakeClock();
  const crowd = { isMoving: true };
  const signal = withDeadline(FOREVER, clock, crowd);
  clock.advance(15_000);
  crowd.isMoving = false;
  clock.advance(5_000);
  assert.equal(signal.reason.errno, 'ETIMEDOUT');
});
