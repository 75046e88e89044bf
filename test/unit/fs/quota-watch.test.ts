import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { silentLog } from '../../../src/base/index.js';
import type { Drive, Quota } from '../../../src/drive/index.js';
import { QuotaWatch } from '../../../src/fs/quota-watch.js';
import { FakeClock } from '../../support/fake-clock.js';

function watchOf(answers: (Quota | Error)[]) {
  const clock = new FakeClock();
  const asked = { times: 0 };
  const quota = async () => {
    asked.times += 1;
    const answer = answers.shift() ?? new Error('nothing more to say');
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const drive = { quota } as Partial<Drive> as Drive;
  const stopping = new AbortController().signal;
  return { clock, asked, watch: new QuotaWatch({ drive, clock, log: silentLog, stopping }) };
}

test('what is owed is held against what the server told, and what was sent counts as used', async () => {
  const { watch } = watchOf([{ usedBytes: 100, totalBytes: 1000 }]);
  assert.equal(watch.isExceededBy(5000), false, 'nobody knows yet');
  await nextTurn();
  assert.equal(watch.isExceededBy(900), false);
  assert.equal(watch.isExceededBy(901), true);
  watch.noteStored(800);
  assert.equal(watch.isExceededBy(101), true);
});

test('a full drive is asked about again soon, a roomy one seldom', async () => {
  const { watch, clock, asked } = watchOf([
    { usedBytes: 1000, totalBytes: 1000 },
    { usedBytes: 0, totalBytes: 1000 },
  ]);
  assert.equal(watch.quota, null);
  await nextTurn();
  clock.advance(30_000);
  assert.equal(watch.isExceededBy(1), true);
  await nextTurn();
  assert.equal(watch.isExceededBy(1), false, 'somebody made room');
  clock.advance(30_000);
  assert.equal(watch.isExceededBy(1), false);
  assert.equal(asked.times, 2);
});

test('a server that did not tell is asked again soon', async () => {
  const { watch, clock, asked } = watchOf([new Error('no'), { usedBytes: 1, totalBytes: 2 }]);
  assert.equal(watch.quota, null);
  await nextTurn();
  clock.advance(30_000);
  assert.equal(watch.quota, null);
  await nextTurn();
  assert.deepEqual(watch.quota, { usedBytes: 1, totalBytes: 2 });
  assert.equal(asked.times, 2);
});
