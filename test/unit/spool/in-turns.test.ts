/** Many nodes that become due at once: they are thought over a few milliseconds at a time, and all of them in the end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { InTurns } from '../../../src/spool/in-turns.js';
import { FakeClock } from '../../support/fake-clock.js';

/** Pieces of a millisecond each. */
function work(pieces: number) {
  const clock = new FakeClock();
  const seen = { left: pieces, firsts: 0, dones: 0, mostInATurn: 0, inTurn: 0 };
  const count = () => {
    clock.advance(1);
    seen.inTurn += 1;
    seen.mostInATurn = Math.max(seen.mostInATurn, seen.inTurn);
  };
  const piece = () => {
    if (seen.left === 0) return false;
    seen.left -= 1;
    count();
    return true;
  };
  const turns = new InTurns(clock, piece, () => {
    seen.dones += 1;
  });
  const first = (items: readonly number[]) =>
    turns.first(items, () => {
      assert.equal(seen.left, pieces, 'before all others');
      seen.firsts += 1;
      count();
    });
  const turn = async () => {
    seen.inTurn = 0;
    await nextTurn();
  };
  return { turns, seen, first, turn };
}

test('a few pieces are done at once', () => {
  const { turns, seen } = work(5);
  turns.go();
  assert.deepEqual([seen.left, seen.dones], [0, 1]);
});

test('many take turns, however often somebody says that there is work', async () => {
  const { turns, seen, first, turn } = work(100);
  first([1, 2, 3]);
  turns.go();
  assert.ok(seen.left > 0);
  while (seen.dones === 0) {
    turns.go();
    await turn();
  }
  assert.ok(seen.mostInATurn <= 8, `${seen.mostInATurn} in one turn`);
  assert.deepEqual([seen.firsts, seen.left], [3, 0]);
});

test('what fails leaves the rest to whoever comes next', () => {
  const clock = new FakeClock();
  let isBroken = true;
  let dones = 0;
  const turns = new InTurns(
    clock,
    () => {
      if (isBroken) throw new Error('a bug');
      return false;
    },
    () => {
      dones += 1;
    },
  );
  assert.throws(() => turns.go(), /a bug/);
  isBroken = false;
  turns.go();
  assert.equal(dones, 1);
});
