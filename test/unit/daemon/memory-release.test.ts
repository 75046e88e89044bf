import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metrics } from '../../../src/base/index.js';
import { releaseMemoryAfterWork } from '../../../src/daemon/memory-release.js';
import { FakeClock } from '../../support/fake-clock.js';

test('memory is given back after the start, after work, now and then under work, and not while nothing happens', async () => {
  const clock = new FakeClock();
  const metrics = new Metrics();
  const stop = new AbortController();
  let released = 0;
  const release = () => {
    released += 1;
  };
  const running = releaseMemoryAfterWork({ clock, metrics, release }, stop.signal);
  assert.equal(released, 0);
  await clock.run(1_000);
  assert.equal(released, 1, 'after the start');
  await clock.run(60_000);
  assert.equal(released, 1, 'nothing happened');
  metrics.add('kernel.requests');
  await clock.run(5_000);
  assert.equal(released, 1, 'there may be more to do');
  await clock.run(5_000);
  assert.equal(released, 2, 'the work is over');
  await clock.run(60_000);
  assert.equal(released, 2);
  for (let check = 0; check < 12; check += 1) {
    metrics.add('requests.total');
    await clock.run(5_000);
  }
  assert.equal(released, 4, 'a minute of work');
  stop.abort(new Error('stopped'));
  await assert.rejects(running, /stopped/);
});
