import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../../src/base/index.js';
import { AccountDaemon } from '../../../src/daemon/account-daemon.js';
import { ServiceNotifier } from '../../../src/daemon/service-notifier.js';
import { FakeRuntime } from '../../support/daemon-fakes.js';
import { FakeClock } from '../../support/fake-clock.js';

function started(runtime = new FakeRuntime()) {
  const clock = new FakeClock();
  const said: string[] = [];
  const notices: string[] = [];
  const env = { NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '60000000' };
  const daemon = new AccountDaemon({
    runtime,
    clock,
    log: silentLog,
    notifier: new ServiceNotifier(env, (_, message) => said.push(message)),
    showNotice: (summary) => notices.push(summary),
  });
  daemon.start();
  return { runtime, clock, daemon, said, notices };
}

const nobody = { signal: new AbortController().signal, progress: () => undefined };

test('systemd hears ready, status, the watchdog, and stopping', async () => {
  const { clock, daemon, said, runtime } = started();
  assert.ok(said.some((message) => message.startsWith('READY=1')));
  await clock.run(61_000);
  assert.equal(said.filter((message) => message === 'WATCHDOG=1').length, 3);
  runtime.owe({ owed: 2, bytesOwed: 2048 });
  await clock.run(5000);
  assert.ok(said.includes('STATUS=signed in; 2 uploads owed (2.0 KiB)'));
  runtime.owe({});
  await daemon.stop({ timeoutMs: 1000 });
  assert.ok(said.includes('STOPPING=1'));
});

test('a clean stop unmounts, waits for what is owed, then closes', async () => {
  const { runtime, clock, daemon } = started();
  runtime.owe({ owed: 1 });
  const stopping = daemon.stop({ timeoutMs: 10_000 });
  await clock.run(3000);
  assert.deepEqual(runtime.calls, ['unmount', 'hurry']);
  runtime.owe({});
  await clock.run(1000);
  assert.equal((await stopping).owed, 0);
  assert.deepEqual(runtime.calls, ['unmount', 'hurry', 'close']);
  assert.equal((await daemon.stopped).owed, 0);
});

test('the bound ends the waiting, and what is owed is told', async () => {
  const { runtime, clock, daemon } = started();
  runtime.owe({ owed: 5 });
  const stopping = daemon.stop({ timeoutMs: 10_000 });
  await clock.run(10_001);
  assert.equal((await stopping).owed, 5);
  assert.equal(runtime.calls.at(-1), 'close');
});

test('a second word ends the waiting at once', async () => {
  const { runtime, clock, daemon } = started();
  runtime.owe({ owed: 5 });
  const stopping = daemon.stop({ timeoutMs: 300_000 });
  await clock.run(1000);
  daemon.hurry();
  assert.equal((await stopping).owed, 5);
});

test('nothing waits for what only a person can mend', async () => {
  const { runtime, clock, daemon } = started();
  runtime.owe({ owed: 3, refused: 1 });
  const stopping = daemon.stop({ timeoutMs: 300_000 });
  runtime.setAuth({ state: 'signed-out' });
  await clock.run(1000);
  assert.equal((await stopping).owed, 3);
});

test('a busy mount refuses the command, goes on, and obeys --now', async () => {
  const { runtime, clock, daemon } = started();
  runtime.isBusy = true;
  const refused = assert.rejects(
    daemon.handlers.stop({ command: 'stop', timeoutMs: 1000 }, nobody),
    /is busy/,
  );
  await clock.run(1000);
  await refused;
  assert.deepEqual(new Set(runtime.calls.splice(0)), new Set(['unmount']));
  runtime.owe({ owed: 1 });
  const stopping = daemon.handlers.stop({ command: 'stop', timeoutMs: 0 }, nobody);
  await clock.run(10);
  assert.equal((await stopping).stillOwed.owed, 1);
  assert.deepEqual(
    runtime.calls.filter((call) => call !== 'hurry'),
    ['unmount', 'unmount lazily', 'close'],
  );
});

test('who looks at the mount for a moment is not told of as using it', async () => {
  const { runtime, clock, daemon } = started();
  runtime.isBusy = true;
  const stopping = daemon.handlers.stop({ command: 'stop', timeoutMs: 1000 }, nobody);
  await clock.run(250);
  runtime.isBusy = false;
  await clock.run(2000);
  assert.equal((await stopping).stillOwed.owed, 0);
  assert.equal(runtime.calls.at(-1), 'close');
});

test('who asks for it and goes away again leaves a busy mount where it is', async () => {
  const { runtime, clock, daemon } = started();
  runtime.isBusy = true;
  const left = new AbortController();
  const asking = assert.rejects(
    daemon.handlers.stop({ command: 'stop', timeoutMs: 1000 }, { ...nobody, signal: left.signal }),
    /gone/,
  );
  await clock.run(250);
  left.abort(new Error('gone'));
  await asking;
  runtime.isBusy = false;
  await clock.run(2000);
  assert.equal(runtime.calls.includes('close'), false);
  await daemon.stop({ timeoutMs: 0 });
});

test('a kernel that refuses to unmount keeps no daemon from stopping', async () => {
  const { runtime, daemon } = started();
  runtime.refusal = new Error('unmount: Invalid argument');
  const { stillOwed } = await daemon.handlers.stop({ command: 'stop', timeoutMs: 0 }, nobody);
  assert.equal(stillOwed.owed, 0);
  assert.equal(runtime.calls.at(-1), 'close');
});

test('the stop command keeps its own time, and tells how it goes', async () => {
  const { runtime, clock, daemon } = started();
  runtime.owe({ owed: 2 });
  const seen: number[] = [];
  const context = { ...nobody, progress: ({ owed }: { owed: number }) => seen.push(owed) };
  const stopping = daemon.handlers.stop({ command: 'stop', timeoutMs: 2500 }, context);
  await clock.run(2600);
  assert.equal((await stopping).stillOwed.owed, 2);
  assert.deepEqual(seen, [2, 2]);
});

test('somebody else’s umount ends the daemon, after the uploads', async () => {
  const { runtime, clock, daemon } = started();
  runtime.owe({ owed: 1 });
  runtime.endMount();
  await clock.run(2000);
  runtime.owe({});
  await clock.run(2000);
  assert.equal((await daemon.stopped).owed, 0);
});

test('one notice for each change for the worse, none for the better', async () => {
  const { runtime, notices, daemon } = started();
  runtime.setAuth({ state: 'renewing' });
  runtime.setAuth({ state: 'signed-out', message: 'the session ended' });
  runtime.setAuth({ state: 'signed-out', message: 'still' });
  runtime.setAuth({ state: 'ok' });
  runtime.setAuth({ state: 'blocked' });
  assert.deepEqual(notices, ['OneDrive (contoso) needs you', 'OneDrive (contoso) is blocked']);
  await daemon.stop({ timeoutMs: 0 });
});

test('a sleep of the machine is noticed, a busy second is not', async () => {
  const { runtime, clock, daemon } = started();
  await clock.run(20_000);
  clock.suspend(5000);
  await clock.run(20_000);
  assert.deepEqual(runtime.calls, []);
  clock.suspend(8 * 3_600_000);
  await clock.run(20_000);
  assert.deepEqual(runtime.calls, ['resumed']);
  await daemon.stop({ timeoutMs: 0 });
});

test('a mount that begins without a sign-in tells the person so, once', async () => {
  const runtime = new FakeRuntime();
  runtime.setAuth({ state: 'signed-out' });
  const { notices, daemon } = started(runtime);
  runtime.setAuth({ state: 'signed-out', message: 'another reason' });
  assert.deepEqual(notices, ['OneDrive (contoso) needs you']);
  await daemon.stop({ timeoutMs: 0 });
});
