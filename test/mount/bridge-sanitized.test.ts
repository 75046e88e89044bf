/**
 * The addon built with AddressSanitizer and UBSan, under everything that reaches it: the data plane on the loop and in
 * workers, notifications, interrupts, ends of all kinds. A finding ends the daemon and is on its standard error, which
 * every mount of these tests requires to be empty.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { BridgeMount, type BridgeOptions, connectionOf, ORDINARY_USER } from '../support/bridge-mount.js';
import { assertQuiet, compareCalls } from '../support/bridge-scenarios.js';
import { compareScripts } from '../support/bridge-scripts.js';
import { sanitizedEnvironment } from '../support/sanitized-addon.js';

const environment = sanitizedEnvironment();
const skip = Object.keys(environment).length === 0 && 'the C compiler has no sanitizers';
const sanitized = (options: BridgeOptions = {}): BridgeOptions => ({ ...options, environment });

test('sanitized: calls and system calls, data served natively', { skip }, async (context) => {
  const mount = await BridgeMount.start(context, sanitized({ session: { allowOther: true } }));
  assert.ok(fs.readFileSync(`/proc/${mount.pid}/maps`, 'utf8').includes('-sanitized/odbfs_fuse.node'));
  await compareCalls(context, mount);
  await compareScripts(context, mount);
  await assertQuiet(mount);
});

test('sanitized: calls, data served by the file system, nothing believed', { skip }, async (context) => {
  const memory = { data: 'served', entryValidMs: 0, attributesValidMs: 0 } as const;
  const mount = await BridgeMount.start(context, sanitized({ memory }));
  await compareCalls(context, mount);
  await assertQuiet(mount);
});

test('sanitized: passthrough and the writeback cache', { skip }, async (context) => {
  for (const options of [
    { memory: { data: 'passthrough' }, session: { passthrough: true } },
    { session: { writebackCache: true } },
  ] as const) {
    const mount = await BridgeMount.start(context, sanitized(options));
    fs.writeFileSync(join(mount.path, 'a'), Buffer.alloc(3_000_000, 'abc'));
    fs.appendFileSync(join(mount.path, 'a'), 'end');
    assert.equal(fs.readFileSync(join(mount.path, 'a')).length, 3_000_003);
    await assertQuiet(mount);
  }
});

test('sanitized: a crowd on all slots and workers, while others change and rebind', {
  skip,
}, async (context) => {
  const mount = await BridgeMount.start(context, sanitized());
  for (let index = 0; index < 8; index++)
    fs.writeFileSync(join(mount.path, `f${index}`), Buffer.alloc(1 << 20, `${index}`));
  const script = `cd ${mount.path} && for i in 0 1 2 3 4 5 6 7; do (for n in 1 2 3 4; do
    cat f$i > /dev/null; dd if=/dev/zero of=g$i bs=1M count=8 conv=fsync 2>/dev/null; dd if=g$i of=/dev/null bs=4k 2>/dev/null; ls -l > /dev/null
    echo 3 > /proc/sys/vm/drop_caches; done) & done; wait; rm g*`;
  const crowd = spawn('sh', ['-c', script], { stdio: 'inherit' });
  const gone = once(crowd, 'close');
  for (let round = 0; crowd.exitCode === null; round++) {
    await mount.tell('remote-write', `/f${round % 8}`, `${round}`);
    await mount.tell('rebind', `/f${round % 8}`, round % 2 === 0 ? 'served' : 'native');
  }
  assert.deepEqual(await gone, [0, null]);
  await assertQuiet(mount);
});

test('sanitized: a client killed in the middle, and the end with requests and files open', {
  skip,
}, async (context) => {
  const mount = await BridgeMount.start(context, sanitized({ memory: { openDelayMs: 600_000 } }));
  const fd = fs.openSync(join(mount.path, 'a'), 'w+');
  fs.writeSync(fd, 'data');
  for (const killed of [true, false]) {
    const client = spawn('cat', [join(mount.path, 'a')], { stdio: 'ignore' });
    while ((await mount.statistics()).pending === 0) await sleep(10);
    if (killed) {
      client.kill('SIGKILL');
      await once(client, 'close');
    }
  }
  assert.equal(await mount.signal('SIGTERM'), 0);
  assert.equal(mount.isMounted, false);
  assert.throws(() => fs.closeSync(fd), { code: 'ENOTCONN' });
});

test('sanitized: unmounted from outside, aborted, as an ordinary user', { skip }, async (context) => {
  const unmounted = await BridgeMount.start(context, sanitized());
  execFileSync('umount', [unmounted.path]);
  assert.equal(await unmounted.signal('SIGCONT'), 0);

  const users = await BridgeMount.start(context, sanitized({ asOrdinaryUser: true }));
  await compareScripts(context, users, { user: ORDINARY_USER });
  const control = fs.mkdtempSync(join(tmpdir(), 'odbfs-fusectl-'));
  execFileSync('mount', ['-t', 'fusectl', 'fusectl', control]);
  try {
    fs.writeFileSync(join(control, connectionOf(users.path) ?? '', 'abort'), '1');
  } finally {
    execFileSync('umount', [control]);
    fs.rmdirSync(control);
  }
  assert.equal(await users.signal('SIGCONT'), 0);
});
