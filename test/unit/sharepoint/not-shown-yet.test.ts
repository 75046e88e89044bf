import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Logged, NotShownYet } from '../../../src/sharepoint/verbs/not-shown-yet.js';
import { FakeClock } from '../../support/fake-clock.js';

const changed = (id: string): Logged => ({ id, isRemoval: false, mayBeFolder: false });
const removed = (id: string, mayBeFolder: boolean): Logged => ({ id, isRemoval: true, mayBeFolder });

test('what has no row is waited for until that can be no lag any more', () => {
  const clock = new FakeClock();
  const notShownYet = new NotShownYet(clock);
  const among = () => [...notShownYet.among(new Set(['a']), [changed('a'), changed('b')])];
  assert.deepEqual(among(), ['a']);
  clock.advance(4_000);
  assert.deepEqual(among(), ['a']);
  clock.advance(1_000);
  assert.deepEqual(among(), []);
});

test('what the log says is gone is not waited for, nor what a folder may have taken with it', () => {
  const missing = new Set(['a', 'b', 'c', 'f']);
  const among = (...entries: Logged[]) => [...new NotShownYet(new FakeClock()).among(missing, entries)];
  assert.deepEqual(among(changed('a'), removed('a', false)), []);
  assert.deepEqual(among(changed('a'), removed('b', false), changed('c')), ['c', 'a']);
  assert.deepEqual(among(changed('a'), removed('f', true), changed('c')), ['c']);
});
