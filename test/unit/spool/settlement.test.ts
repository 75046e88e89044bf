/** Who waits until nothing is owed, where a great many nodes are: they are looked at a few in a turn, and none is missed. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Overlay } from '../../../src/spool/overlay.js';
import { Settlement } from '../../../src/spool/settlement.js';
import type { SpoolEntry } from '../../../src/spool/spool-entry.js';
import { FakeClock } from '../../support/fake-clock.js';

const NODES = 1_000;
/** A turn is four milliseconds, and looked at every eight nodes. */
const MOST_IN_A_TURN = 8;
const FOLDER = 7;
const NEVER = new AbortController().signal;

let clock: FakeClock;
let overlay: Overlay;
let changed: (inos: readonly number[]) => void;
let settlement: Settlement;
/** Where nodes are; a look at it takes a millisecond. */
let within: Set<number>;
let looks: number;

beforeEach(() => {
  clock = new FakeClock();
  overlay = new Overlay();
  within = new Set();
  looks = 0;
  const ledger = {
    overlay,
    onChange: (listener: typeof changed) => {
      changed = listener;
    },
  };
  const whereabouts = {
    isWithin: (ino: number) => {
      looks += 1;
      clock.advance(1);
      return within.has(ino);
    },
  };
  settlement = new Settlement(ledger as never, whereabouts as never, clock);
  for (let ino = 100; ino < 100 + NODES; ino += 1) put(ino);
});

function put(ino: number): void {
  const state = { kind: 'owed', dueAtMs: 0, attempts: 0 } as const;
  const place = { parent: FOLDER, name: String(ino) };
  overlay.put({
    ino,
    kind: 'file',
    item: null,
    removed: false,
    place,
    origin: null,
    tried: null,
    content: null,
    state,
  } as SpoolEntry);
}

function drop(ino: number): void {
  overlay.drop(ino);
  changed([ino]);
}

/** Turn by turn until it is settled, or for good; the most looks of one turn, the present one included. */
async function turns(isOver: () => boolean, between: () => void = () => {}): Promise<number> {
  let most = looks;
  for (let turn = 0; turn < NODES && !isOver(); turn += 1) {
    looks = 0;
    await nextTurn();
    most = Math.max(most, looks);
    between();
  }
  looks = 0;
  return most;
}

function waiting() {
  const seen = { isSettled: false };
  void settlement.settled([FOLDER], NEVER).then(() => {
    seen.isSettled = true;
  });
  return seen;
}

test('what is owed when the waiting begins is found a few nodes in a turn', async () => {
  const last = 100 + NODES - 1;
  within.add(last);
  const seen = waiting();
  assert.ok((await turns(() => settlement.isWaiting)) <= MOST_IN_A_TURN);
  assert.ok(settlement.isWaiting);
  drop(last);
  assert.ok((await turns(() => seen.isSettled)) <= MOST_IN_A_TURN, 'and so is that nothing is left');
  assert.ok(seen.isSettled);
});

test('what comes to be owed while the others are looked at is waited for', async () => {
  within.add(100).add(5);
  const seen = waiting();
  await turns(() => settlement.isWaiting);
  drop(100);
  let isPut = false;
  await turns(
    () => seen.isSettled,
    () => {
      if (isPut) return;
      isPut = true;
      // Looked at already, and somewhere else until now.
      within.add(101);
      changed([101]);
    },
  );
  assert.ok(!seen.isSettled);
  drop(101);
  await turns(() => seen.isSettled);
  assert.ok(seen.isSettled);
});

test('nothing is waited for where nothing is owed', async () => {
  const seen = waiting();
  await turns(() => seen.isSettled);
  assert.ok(seen.isSettled);
});
