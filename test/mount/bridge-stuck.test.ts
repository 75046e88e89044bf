/** What must not hang although something of it does: the end of a daemon that the kernel keeps waiting for itself. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { BridgeMount, type DaemonStatistics, ORDINARY_USER } from '../support/bridge-mount.js';

const HALF_AN_HOUR = 1_800_000;
/** A busy machine takes seconds to start a program. */
const PATIENCE_MS = 60_000;

async function until(mount: BridgeMount, what: (now: DaemonStatistics) => boolean): Promise<void> {
  const endsAtMs = performance.now() + PATIENCE_MS;
  let now = await mount.statistics();
  while (!what(now) && performance.now() < endsAtMs) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    now = await mount.statistics();
  }
  assert.ok(what(now), `that never came about: ${JSON.stringify(now)}`);
}

/** A read that nobody answers locks its pages, and whoever tells the kernel to forget them waits for that. */
async function stick(mount: BridgeMount, asOrdinaryUser: boolean): Promise<ChildProcess> {
  await mount.tell('remote-write', '/a', 'bytes');
  // What tells of these must not be what waits for the read.
  await until(mount, ({ notificationsWaiting }) => notificationsWaiting === 0);
  const as = asOrdinaryUser ? { uid: ORDINARY_USER, gid: ORDINARY_USER } : {};
  const reader = spawn('cat', [join(mount.path, 'a')], { stdio: 'ignore', cwd: '/', ...as });
  await until(mount, ({ pending }) => pending === 1);
  await mount.tell('forget-data', '/a');
  await until(mount, ({ notificationsWaiting }) => notificationsWaiting === 1);
  return reader;
}

for (const asOrdinaryUser of [false, true]) {
  const who = asOrdinaryUser ? 'an ordinary user' : 'root';
  test(`SIGTERM while a notification waits for a read that nobody answers: all of them end (${who})`, async (context) => {
    const memory = { data: 'served', readDelayMs: HALF_AN_HOUR } as const;
    const mount = await BridgeMount.start(context, { memory, asOrdinaryUser });
    const reader = await stick(mount, asOrdinaryUser);
    const readerEnded = once(reader, 'close');
    assert.equal(await mount.signal('SIGTERM'), 0);
    assert.equal(mount.isMounted, false);
    await readerEnded;
  });
}

test('who opens a file that has grown sees all of it while the news of that waits for a read', async (context) => {
  const memory = { data: 'served', readDelayMs: HALF_AN_HOUR, openForgets: true } as const;
  const mount = await BridgeMount.start(context, { memory });
  await mount.tell('remote-write', '/b', 'short');
  await until(mount, ({ notificationsWaiting }) => notificationsWaiting === 0);
  assert.equal(statSync(join(mount.path, 'b')).size, 5);
  const reader = await stick(mount, false);
  await mount.tell('remote-write', '/b', 'no longer short');
  assert.ok((await mount.statistics()).notificationsWaiting > 1);
  const descriptor = openSync(join(mount.path, 'b'), 'r');
  assert.equal(fstatSync(descriptor).size, 15);
  closeSync(descriptor);
  const readerEnded = once(reader, 'close');
  assert.equal(await mount.signal('SIGTERM'), 0);
  await readerEnded;
});

for (const asOrdinaryUser of [false, true]) {
  const who = asOrdinaryUser ? 'an ordinary user' : 'root';
  test(`kill -9 in just such a moment: the guard ends the connection, and so the process and who waits for it (${who})`, async (context) => {
    mountControl(context);
    const memory = { data: 'served', readDelayMs: HALF_AN_HOUR } as const;
    const mount = await BridgeMount.start(context, { memory, asOrdinaryUser });
    const reader = await stick(mount, asOrdinaryUser);
    const readerEnded = once(reader, 'close');
    assert.equal(await mount.signal('SIGKILL'), null);
    await readerEnded;
    execFileSync('umount', [mount.path]);
  });
}

test('the daemon hangs at its end: the watchdog ends the connection, so that nobody waits for it and it can be killed', async (context) => {
  mountControl(context);
  const memory = { data: 'served', readDelayMs: HALF_AN_HOUR, hangsWhenCalledOff: true } as const;
  const mount = await BridgeMount.start(context, { memory, session: { watchdogMs: 200 } });
  const reader = await stick(mount, false);
  const readerEnded = once(reader, 'close');
  process.kill(mount.pid, 'SIGTERM');
  await readerEnded;
  assert.equal(await mount.signal('SIGKILL'), null);
});

/** Where the watchdog looks for it; elsewhere than here the system has mounted it long ago. */
function mountControl(context: TestContext): void {
  const control = '/sys/fs/fuse/connections';
  if (readdirSync(control).length > 0) return;
  execFileSync('mount', ['-t', 'fusectl', 'fusectl', control]);
  context.after(() => execFileSync('umount', ['-l', control]));
}
