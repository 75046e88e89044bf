import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { silentLog } from '../../../src/base/index.js';
import type { Drive, Quota } from '../../../src/drive/index.js';
import { QuotaWatch } from '../../../src/fs/quota-watch.js';
import { FakeClock } from '../../support/fake-clock.js';

const LACKING = 7;

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
  const freed: (number | null)[] = [];
  const lackingRoom = {
    isEmpty: true,
    has: (ino: number) => ino === LACKING,
    tookIn: () => {},
    roomMade: (free: number | null) => freed.push(free),
  };
  const watch = new QuotaWatch({ drive, spool: { lackingRoom }, clock, log: silentLog, stopping });
  return { clock, asked, freed, lackingRoom, watch };
}

test('what is owed is held against what the server told, and what was sent counts as used', async () => {
  const { watch } = watchOf([{ usedBytes: 100, totalBytes: 1000 }]);
  assert.equal(watch.isExceededBy(5000), false, 'nobody knows yet');
  await nextTurn();
  assert.equal(watch.isExceededBy(900), false);
  assert.equal(watch.isExceededBy(901), true);
  watch.noteStored(1, 800);
  assert.equal(watch.isExceededBy(101), true);
});

test('a drive that had no room for something is full, whatever the server tells of it', async () => {
  const { watch, lackingRoom } = watchOf([{ usedBytes: 0, totalBytes: 1000 }]);
  assert.equal(watch.isExceededBy(10), false);
  lackingRoom.isEmpty = false;
  assert.equal(watch.isExceededBy(10), true, 'before it told');
  await nextTurn();
  assert.equal(watch.isExceededBy(10), true);
  lackingRoom.isEmpty = true;
  assert.equal(watch.isExceededBy(10), false);
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

test('what goes from a full drive is looked at at once, and at most every two seconds', async () => {
  const full = { usedBytes: 1000, totalBytes: 1000 };
  const { watch, clock, asked, freed } = watchOf([full, { usedBytes: 600, totalBytes: 1000 }, full]);
  watch.noteRemoved();
  clock.advance(10_000);
  assert.equal(asked.times, 0, 'nobody lacks room');
  assert.equal(watch.isExceededBy(1), false, 'nobody knows yet');
  await nextTurn();
  assert.equal(watch.isExceededBy(1), true);
  clock.advance(5000);
  watch.noteRemoved();
  clock.advance(0);
  await nextTurn();
  assert.deepEqual(freed, [400]);
  assert.equal(watch.isExceededBy(400), false);
  assert.equal(watch.isExceededBy(401), true);
  for (let count = 0; count < 50; count += 1) watch.noteRemoved();
  clock.advance(1900);
  assert.equal(asked.times, 2);
  clock.advance(200);
  await nextTurn();
  assert.deepEqual([asked.times, freed], [3, [400, 0]]);
});

test('where the server does not tell its room, what goes and what it takes are the signs', async () => {
  const { watch, clock, freed, lackingRoom } = watchOf([]);
  lackingRoom.isEmpty = false;
  watch.noteStored(1, 10);
  clock.advance(10_000);
  await nextTurn();
  assert.deepEqual(freed, [], 'who never lacked room says nothing of who does');
  watch.noteRemoved();
  clock.advance(0);
  await nextTurn();
  watch.noteStored(LACKING, 10);
  clock.advance(2000);
  await nextTurn();
  assert.deepEqual(freed, [null, null]);
});
