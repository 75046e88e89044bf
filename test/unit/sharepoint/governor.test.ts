import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../../src/base/index.js';
import { DEFAULT_GOVERNOR, Governor } from '../../../src/sharepoint/http/governor.js';
import type { Asked, Permit } from '../../../src/sharepoint/http/lanes.js';
import { FakeClock } from '../../support/fake-clock.js';

const SIGNAL = new AbortController().signal;
const BULK: Asked = { lane: 'bulk', long: false, patienceMs: 60_000 };
const INTERACTIVE: Asked = { lane: 'interactive', long: false, patienceMs: 10_000 };

function governed(changes: Partial<ConstructorParameters<typeof Governor>[0]> = {}) {
  const clock = new FakeClock();
  const governor = new Governor({ ...DEFAULT_GOVERNOR, clock, log: silentLog, ...changes });
  const started: { name: string; permit: Permit }[] = [];
  const ask = (name: string, asked: Asked = BULK, signal = SIGNAL) =>
    governor.acquire(asked, signal).then((permit) => void started.push({ name, permit }));
  const names = () => started.map(({ name }) => name);
  return { clock, governor, started, ask, names };
}

test('so many at once and no more; interactive before bulk', async () => {
  const { clock, ask, names, started } = governed({ parallel: 2, besidesForInteractive: 0 });
  void ask('a');
  void ask('b');
  void ask('c');
  void ask('d', INTERACTIVE);
  await clock.run(0);
  assert.deepEqual(names(), ['a', 'b']);
  started[0]!.permit.release();
  started[0]!.permit.release();
  await clock.run(0);
  assert.deepEqual(names(), ['a', 'b', 'd']);
  started[1]!.permit.release();
  await clock.run(0);
  assert.deepEqual(names(), ['a', 'b', 'd', 'c']);
});

for (const long of [false, true]) {
  test(`who reads without a pause leaves every eighth turn to what is owed (${long ? 'big' : 'small'})`, async () => {
    const { clock, ask, names, started } = governed({ parallel: 1, besidesForInteractive: 0 });
    for (let number = 0; number < 20; number += 1)
      void ask('read', INTERACTIVE, new AbortController().signal);
    for (let number = 0; number < 3; number += 1)
      void ask('owed', { ...BULK, long }, new AbortController().signal);
    for (let turn = 0; turn < 23; turn += 1) {
      await clock.run(0);
      started[turn]!.permit.release();
    }
    const read = Array.from({ length: 7 }, () => 'read');
    assert.deepEqual(names().slice(0, 17), ['read', ...read, 'owed', ...read, 'owed']);
    assert.equal(names().filter((name) => name === 'owed').length, 3);
  });
}

test('what relies on a look goes before others of its lane, and after those of the other', async () => {
  const { clock, ask, names, started } = governed({ parallel: 1, besidesForInteractive: 0 });
  for (const name of ['a', 'b', 'c']) void ask(name);
  void ask('relying', { ...BULK, isSoon: true });
  void ask('now', INTERACTIVE);
  for (let turn = 0; turn < 5; turn += 1) {
    await clock.run(0);
    started[turn]!.permit.release();
  }
  assert.deepEqual(names(), ['a', 'now', 'relying', 'b', 'c']);
});

test('long bulk transfers leave slots to the others', async () => {
  const { clock, ask, names } = governed({ parallel: 4, keptFromLong: 2 });
  for (const name of ['1', '2', '3', '4']) void ask(name, { ...BULK, long: true });
  void ask('short');
  void ask('now', INTERACTIVE);
  await clock.run(0);
  assert.deepEqual(names().sort(), ['1', '2', 'now', 'short']);
});

test('no number of big transfers keeps a small request waiting', async () => {
  const { clock, ask, names, started } = governed({ parallel: 4, keptForShort: 1 });
  for (const name of ['1', '2', '3', '4']) void ask(name, { ...INTERACTIVE, long: true });
  void ask('bulk', { ...BULK, long: true });
  void ask('small', INTERACTIVE);
  await clock.run(0);
  assert.deepEqual(names(), ['1', '2', '3', 'small']);
  started[0]!.permit.release();
  started[3]!.permit.release();
  await clock.run(0);
  assert.deepEqual(names(), ['1', '2', '3', 'small', '4']);
});

for (const parallel of [8, 2, 1]) {
  test(`who enters a folder never waits for bulk requests, with ${parallel} at once`, async () => {
    const { clock, ask, names, started } = governed({ parallel });
    const bulk = Array.from({ length: parallel + 2 }, (_, number) => `bulk ${number}`);
    for (const name of bulk) void ask(name);
    for (const name of ['first', 'second', 'third']) void ask(name, INTERACTIVE);
    void ask('big', { ...INTERACTIVE, long: true });
    await clock.run(0);
    assert.deepEqual(names(), [...bulk.slice(0, parallel), 'first'], 'one besides, and no more');
    started.at(-1)!.permit.release();
    await clock.run(0);
    assert.equal(names().at(-1), 'second', 'the next one goes as soon as that one is answered');
    started[0]!.permit.release();
    started.at(-1)!.permit.release();
    await clock.run(0);
    assert.equal(names().at(-1), 'third');
    assert.equal(names().length, parallel + 3);
  });
}

test('a limit that was halved under way leaves the way free for who enters a folder', async () => {
  const { clock, governor, ask, names } = governed({ parallel: 8 });
  for (let number = 0; number < 8; number += 1) void ask('bulk');
  for (let storm = 0; storm < 3; storm += 1) {
    governor.throttled(1);
    await clock.run(2_000);
  }
  assert.equal(governor.parallel, 1);
  void ask('listing', INTERACTIVE);
  await clock.run(1_000);
  assert.equal(names().at(-1), 'listing');
});

test('a governor that is down to one request still lets big ones go', async () => {
  const { clock, ask, names } = governed({ parallel: 1 });
  void ask('large', { ...INTERACTIVE, long: true });
  await clock.run(0);
  assert.deepEqual(names(), ['large']);
});

test('a pause holds everybody; who is less patient hears it at once', async () => {
  const { clock, governor, ask, names } = governed();
  governor.throttled(30_000);
  assert.equal(governor.network.status.state, 'throttled');
  await assert.rejects(ask('hasty', INTERACTIVE), { kind: 'throttled', retryAfterMs: 30_000 });
  void ask('patient');
  await clock.run(29_000);
  assert.deepEqual(names(), []);
  await clock.run(2_000);
  assert.deepEqual(names(), ['patient']);
  assert.equal(governor.network.status.state, 'online');
});

test('a server that throttles and asks for no pause at all is left alone all the same, longer each time', async () => {
  const { clock, governor } = governed();
  for (const leastMs of [1_000, 2_000, 4_000]) {
    governor.throttled(0);
    assert.ok(governor.pausedForMs >= leastMs, `${governor.pausedForMs} ms`);
    await clock.run(governor.pausedForMs);
  }
});

test('a server that puts everybody off for long is not waited for where something is known', async () => {
  const { clock, governor } = governed();
  governor.throttled(4_000);
  assert.equal(governor.isPuttingOff, false, 'a short pause is waited for');
  await clock.run(4_000);
  governor.throttled(4_000);
  assert.equal(governor.isPuttingOff, true, 'once more, and it is long in sum');
  await clock.run(4_000);
  assert.equal(governor.isPuttingOff, false, 'when it is over, somebody asks');
  governor.succeeded(null);
  governor.throttled(4_000);
  assert.equal(governor.isPuttingOff, false);
  governor.throttled(5_000);
  assert.equal(governor.isPuttingOff, true);
});

test('those who wait already hear of a pause that is too long for them', async () => {
  const { clock, governor, ask } = governed({ parallel: 1, besidesForInteractive: 0 });
  void ask('runs');
  const waiting = ask('waits', INTERACTIVE);
  const heard = assert.rejects(waiting, { kind: 'throttled' });
  await clock.run(0);
  governor.throttled(60_000);
  await heard;
});

test('throttling halves, once per storm; calm grows back', async () => {
  const { clock, governor } = governed({ parallel: 8 });
  for (let refusal = 0; refusal < 8; refusal++) governor.throttled(1_000);
  assert.equal(governor.parallel, 4);
  await clock.run(2_000);
  governor.throttled(1_000);
  assert.equal(governor.parallel, 2);
  await clock.run(10_000);
  for (let success = 0; success < 60; success++) governor.succeeded(null);
  assert.equal(governor.parallel, 8);
});

test('pauses without a told length grow', async () => {
  const { clock, governor } = governed();
  const pauses: number[] = [];
  for (let storm = 0; storm < 4; storm++) {
    governor.throttled(null);
    pauses.push(governor.pausedForMs);
    await clock.run(pauses.at(-1)! + 1_000);
  }
  assert.ok(pauses[3]! > pauses[2]! && pauses[2]! > pauses[1]! && pauses[1]! > pauses[0]!);
});

test('a tired server gets less', () => {
  const { governor } = governed({ parallel: 8 });
  governor.succeeded(6);
  assert.equal(governor.parallel, 4);
  governor.succeeded(9);
  assert.equal(governor.parallel, 1);
  governor.succeeded(0);
  assert.equal(governor.parallel, 8);
});

test('a burst, then the rate that the server grants', async () => {
  const { clock, ask, started } = governed({ parallel: 100, burst: 10, requestsPerSecond: 5 });
  for (let number = 0; number < 30; number++) void ask(String(number));
  await clock.run(0);
  assert.equal(started.length, 10);
  await clock.run(2_000);
  assert.equal(started.length, 20);
});

test('each refusal halves what may still go out in a burst', async () => {
  const { clock, governor, ask, started } = governed({ parallel: 1_000, burst: 100, requestsPerSecond: 5 });
  for (let number = 0; number < 200; number++) void ask('', BULK, new AbortController().signal);
  await clock.run(0);
  assert.equal(started.length, 100);
  await clock.run(10_000);
  assert.equal(started.length, 150, 'used up: the long-run rate');
  await clock.run(10_000 + 100_000);
  governor.throttled(1_000);
  for (let number = 0; number < 200; number++) void ask('', BULK, new AbortController().signal);
  await clock.run(999);
  assert.equal(started.length, 200);
  await clock.run(1);
  assert.equal(started.length, 200 + 50 + 5, 'half of what was saved up, and what the second brought');
});

test('who leaves the queue is not served', async () => {
  const { clock, ask, names, started } = governed({ parallel: 1 });
  const leaving = new AbortController();
  void ask('a');
  const left = assert.rejects(ask('b', BULK, leaving.signal), /gone/);
  void ask('c');
  await clock.run(0);
  leaving.abort(new Error('gone'));
  await left;
  started[0]!.permit.release();
  await clock.run(0);
  assert.deepEqual(names(), ['a', 'c']);
});

test('offline: at once, with a probe now and then; one answer ends it', async () => {
  const { clock, governor, ask, names } = governed();
  const states: string[] = [];
  governor.network.subscribe(({ state }) => states.push(state));
  governor.network.failed(false);
  governor.network.failed(false);
  await assert.rejects(ask('refused'), { kind: 'unreachable' });
  await clock.run(1_100);
  void ask('probe');
  await clock.run(0);
  await assert.rejects(ask('refused'), { kind: 'unreachable' });
  assert.deepEqual(names(), ['probe']);
  governor.succeeded(null);
  void ask('through');
  await clock.run(0);
  assert.deepEqual(names(), ['probe', 'through']);
  assert.deepEqual(states, ['offline', 'online']);
});

test('broken connections are not the end of the network until there are many, one after another', async () => {
  const { clock, governor } = governed();
  for (let together = 0; together < 20; together++) governor.network.failed(true);
  for (let broken = 1; broken < 5; broken++) {
    await clock.run(1_000);
    governor.network.failed(true);
  }
  assert.equal(governor.network.status.state, 'online');
  await clock.run(1_000);
  governor.network.failed(true);
  assert.equal(governor.network.status.state, 'offline');
});

test('a pause that nobody waits for any more keeps no process alive', async () => {
  const { clock, governor, ask } = governed();
  governor.pause(50_000);
  const before = clock.pendingTimers;
  const gone = new AbortController();
  const asked = ask('gone', BULK, gone.signal);
  assert.equal(clock.pendingTimers, before + 1);
  gone.abort(new Error('stopping'));
  await assert.rejects(asked, /stopping/);
  assert.equal(clock.pendingTimers, before);
});
