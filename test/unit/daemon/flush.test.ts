import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flush } from '../../../src/daemon/flush.js';
import { FakeRuntime } from '../../support/daemon-fakes.js';
import { FakeClock } from '../../support/fake-clock.js';

function flushing(runtime: FakeRuntime, timeoutMs = 60_000) {
  const clock = new FakeClock();
  const going = new AbortController();
  const result = flush(runtime, {
    paths: [],
    timeoutMs,
    signal: going.signal,
    progress: () => undefined,
    clock,
  });
  result.catch(() => undefined);
  return { clock, going, result };
}

test('flush returns when nothing is owed any more', async () => {
  const runtime = new FakeRuntime();
  runtime.owe({ owed: 2, active: 1 });
  const { clock, result } = flushing(runtime);
  await clock.run(5000);
  runtime.owe({});
  await result;
  assert.equal(clock.pendingTimers, 0);
});

test('the time is up: owed', async () => {
  const runtime = new FakeRuntime();
  runtime.owe({ owed: 2, active: 1 });
  const { clock, result } = flushing(runtime, 3000);
  await clock.run(3001);
  await assert.rejects(result, { kind: 'owed', message: /2 uploads/ });
});

test('the time is up while something stands in the way: what it is', async () => {
  const runtime = new FakeRuntime();
  runtime.owe({ owed: 1, bytesOwed: 4, obstacle: '/a: locked by somebody' });
  const message = '1 upload (4 B) still owed: /a: locked by somebody; what is owed is sent in the background';
  await assert.rejects(flushing(runtime, 0).result, { kind: 'owed', message });
});

test('a time-out of 0 asks whether anything is owed', async () => {
  const { result } = flushing(new FakeRuntime(), 0);
  await result;
  const owing = new FakeRuntime();
  owing.owe({ owed: 1 });
  await assert.rejects(flushing(owing, 0).result, { kind: 'owed', message: /^1 upload \(/ });
  const refused = new FakeRuntime();
  refused.refused = ['a.txt: too large'];
  refused.owe({ owed: 1, refused: 1 });
  await assert.rejects(flushing(refused, 0).result, { kind: 'failed', message: 'a.txt: too large' });
});

test('refused entries are told one by one', async () => {
  const runtime = new FakeRuntime();
  runtime.owe({ owed: 3, active: 1, refused: 0 });
  const { clock, result } = flushing(runtime);
  await clock.run(1000);
  runtime.refused = ['a.txt: too large', 'b.txt: no permission'];
  runtime.owe({ owed: 2, refused: 2 });
  await clock.run(1000);
  await assert.rejects(result, { kind: 'failed', message: 'a.txt: too large\nb.txt: no permission' });
});

test('signed out: flush says so instead of waiting', async () => {
  const runtime = new FakeRuntime();
  runtime.owe({ owed: 3 });
  runtime.setAuth({ state: 'signed-out' });
  const { clock, result } = flushing(runtime);
  await clock.run(1000);
  await assert.rejects(result, { kind: 'sign-in', message: /odbfs login --account contoso/ });
});

test('blocked: flush says why; signing in is of no use', async () => {
  const runtime = new FakeRuntime();
  runtime.owe({ owed: 1 });
  runtime.setAuth({ state: 'blocked', message: 'a rule of the tenant: ask the administrator' });
  const { clock, result } = flushing(runtime);
  await clock.run(1000);
  const message = '1 upload waits for a sign-in: a rule of the tenant: ask the administrator';
  await assert.rejects(result, { kind: 'sign-in', message });
});

test('whoever asked goes away: the waiting ends', async () => {
  const runtime = new FakeRuntime();
  runtime.owe({ owed: 1, active: 1 });
  const { clock, going, result } = flushing(runtime);
  await clock.run(100);
  going.abort(new Error('gone'));
  await assert.rejects(result, /gone/);
  assert.equal(clock.pendingTimers, 0);
});
