/** How a mount of the bridge begins and ends: signals, crashes, busy files, ordinary users, changes by others. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BridgeMount, connectionOf, ORDINARY_USER } from '../support/bridge-mount.js';

const code = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
};

async function until(what: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 6000 && !what(); attempt++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(what());
}

test('SIGTERM with open files: unmounted, and the files say that nobody is there', async (context) => {
  const mount = await BridgeMount.start(context);
  const fd = fs.openSync(join(mount.path, 'a'), 'w+');
  fs.writeSync(fd, 'data');
  assert.equal(await mount.signal('SIGTERM'), 0);
  assert.equal(mount.isMounted, false);
  assert.equal(
    code(() => fs.fstatSync(fd)),
    'ENOTCONN',
  );
  code(() => fs.closeSync(fd));
});

test('kill -9: the dead mount is replaced by the next', async () => {
  const path = fs.mkdtempSync(join(tmpdir(), 'odbfs-bridge-'));
  const first = await BridgeMount.startAt(path, {});
  fs.writeFileSync(join(path, 'a'), 'data');
  await first.signal('SIGKILL');
  assert.equal(
    code(() => fs.statfsSync(join(path, 'a'))),
    'ENOTCONN',
  );
  const second = await BridgeMount.startAt(path, {});
  fs.writeFileSync(join(path, 'b'), 'data');
  assert.deepEqual(fs.readdirSync(path), ['b']);
  await second.stop();
  assert.equal(connectionOf(path), null);
  fs.rmdirSync(path);
});

test('kill -9 with auto_unmount: nothing stays', async () => {
  const path = fs.mkdtempSync(join(tmpdir(), 'odbfs-bridge-'));
  const mount = await BridgeMount.startAt(path, { session: { autoUnmount: true } });
  fs.writeFileSync(join(path, 'a'), 'data');
  await mount.signal('SIGKILL');
  await until(() => connectionOf(path) === null);
  fs.rmdirSync(path);
});

test('busy: refused, and still there; then gone', async (context) => {
  const mount = await BridgeMount.start(context);
  const fd = fs.openSync(join(mount.path, 'a'), 'w+');
  assert.deepEqual(await mount.tell('unmount'), { unmounted: false, code: 'EBUSY' });
  fs.writeSync(fd, 'still');
  assert.equal(fs.readFileSync(join(mount.path, 'a'), 'utf8'), 'still');
  fs.closeSync(fd);
  await until(() => connectionOf(mount.path) !== null);
  assert.deepEqual(await mount.tell('unmount'), { unmounted: true });
  assert.equal(mount.isMounted, false);
});

test('lazily: out of sight at once, and answered until the last file is closed', async (context) => {
  const mount = await BridgeMount.start(context);
  const fd = fs.openSync(join(mount.path, 'a'), 'w+');
  assert.deepEqual(await mount.tell('unmount', '/', 'lazy'), { unmounted: true });
  assert.equal(mount.isMounted, false);
  fs.writeSync(fd, 'still there');
  assert.equal(fs.readSync(fd, Buffer.alloc(20), 0, 20, 0), 11);
  assert.equal((await mount.statistics()).handles, 1);
  fs.closeSync(fd);
});

test('a copy of the mount in a namespace of somebody else holds nobody up, and ends with the daemon', async (context) => {
  const mount = await BridgeMount.start(context);
  const file = join(mount.path, 'a');
  const script = 'exec 3> "$0"; echo ready; read -r _; echo late >&3';
  const copy = spawn('unshare', ['--mount', 'sh', '-c', script, file], { stdio: ['pipe', 'pipe', 'ignore'] });
  const gone = once(copy, 'close');
  await once(copy.stdout, 'data');
  assert.deepEqual(await mount.tell('unmount'), { unmounted: true });
  assert.equal(mount.isMounted, false);
  assert.equal(await mount.signal('SIGTERM'), 0);
  copy.stdin.end('\n');
  assert.notEqual((await gone)[0], 0, 'nobody answers it any more');
});

for (const bridge of ['native', 'fuse-native'] as const) {
  test(`somebody unmounts from outside: the daemon ends (${bridge})`, async (context) => {
    const mount = await BridgeMount.start(context, { bridge });
    execFileSync('umount', [mount.path]);
    assert.equal(await mount.signal('SIGCONT'), 0);
  });
}

test('the connection is aborted from outside: the daemon ends, and takes the mount away', async (context) => {
  const mount = await BridgeMount.start(context);
  const control = fs.mkdtempSync(join(tmpdir(), 'odbfs-fusectl-'));
  execFileSync('mount', ['-t', 'fusectl', 'fusectl', control]);
  try {
    fs.writeFileSync(join(control, connectionOf(mount.path) ?? '', 'abort'), '1');
  } finally {
    execFileSync('umount', [control]);
    fs.rmdirSync(control);
  }
  assert.equal(await mount.signal('SIGCONT'), 0);
  assert.equal(mount.isMounted, false);
});

test('an ordinary user: mounts, works, unmounts; others are kept out', async (context) => {
  const mount = await BridgeMount.start(context, { asOrdinaryUser: true });
  const asUser = (script: string) =>
    execFileSync(
      'setpriv',
      [`--reuid=${ORDINARY_USER}`, `--regid=${ORDINARY_USER}`, '--clear-groups', 'sh', '-c', script],
      {
        cwd: '/',
        encoding: 'utf8',
        timeout: 20_000,
      },
    );
  const script = `cd ${mount.path} && echo one > a && mkdir d && mv a d/b && chmod 600 d/b && touch -d 2001-01-01 d/b && stat -c '%a %u %s %Y' d/b && rm -r d && ls -A`;
  assert.equal(asUser(script), `600 ${ORDINARY_USER} 4 978307200\n`);
  assert.equal(
    code(() => fs.readdirSync(mount.path)),
    'EACCES',
  );
  assert.equal(await mount.signal('SIGTERM'), 0);
  assert.equal(mount.isMounted, false);
});

test('an ordinary user, kill -9: the dead mount is replaced by the next', async () => {
  const path = fs.mkdtempSync(join(tmpdir(), 'odbfs-bridge-'));
  const first = await BridgeMount.startAt(path, { asOrdinaryUser: true });
  await first.signal('SIGKILL');
  assert.equal(first.isMounted, true);
  const second = await BridgeMount.startAt(path, { asOrdinaryUser: true });
  await second.stop();
  assert.equal(connectionOf(path), null);
  fs.rmdirSync(path);
});

test('what others change is seen, whatever the kernel believes', async (context) => {
  const mount = await BridgeMount.start(context);
  const path = join(mount.path, 'a');
  fs.writeFileSync(path, 'mine and long');
  assert.equal(fs.readFileSync(path, 'utf8'), 'mine and long');
  await mount.tell('remote-write', '/a', 'theirs');
  await until(() => fs.readFileSync(path, 'utf8') === 'theirs');
  assert.equal(fs.statSync(path).size, 6);
  assert.equal(fs.existsSync(join(mount.path, 'new')), false);
  await mount.tell('remote-write', '/new', 'born elsewhere');
  await until(() => fs.existsSync(join(mount.path, 'new')));
  await mount.tell('remote-remove', '/a');
  await until(() => !fs.existsSync(path));
  assert.ok((await mount.statistics()).notificationsSent >= 5);
});

test('what is stored in the kernel is read from there, until it is to be forgotten', async (context) => {
  const mount = await BridgeMount.start(context);
  const path = join(mount.path, 'a');
  const [mine, theirs] = ['mine'.repeat(5000), 'ours'.repeat(5000)];
  fs.writeFileSync(path, mine);
  // Told again and again: a test beside this one has the kernel drop what it was given.
  let isThere = false;
  for (let attempt = 0; attempt < 1000 && !isThere; attempt++) {
    await mount.tell('store', '/a', theirs);
    isThere = fs.readFileSync(path, 'utf8') === theirs;
  }
  assert.ok(isThere);
  await mount.tell('forget-data', '/a');
  await until(() => fs.readFileSync(path, 'utf8') === mine);
});

test('a thousand names change while they are being looked up', async (context) => {
  const mount = await BridgeMount.start(context);
  for (let index = 0; index < 200; index++) fs.writeFileSync(join(mount.path, `f${index}`), 'x');
  const reader = spawn('sh', [
    '-c',
    `for i in 1 2 3 4 5 6 7 8; do ls -l ${mount.path} > /dev/null; cat ${mount.path}/f* > /dev/null; done`,
  ]);
  const done = once(reader, 'close');
  for (let index = 0; index < 1000; index++) await mount.tell('remote-write', `/f${index % 200}`, `${index}`);
  await done;
  for (let index = 0; index < 200; index++) {
    await until(() => fs.readFileSync(join(mount.path, `f${index}`), 'utf8') === `${800 + index}`);
  }
});

test('data moves between the addon and the file system under readers and writers', async (context) => {
  const mount = await BridgeMount.start(context);
  const fd = fs.openSync(join(mount.path, 'a'), 'w+');
  for (let round = 0; round < 20; round++) {
    const side = round % 2 === 0 ? 'served' : 'native';
    const told = await mount.tell('rebind', '/a', side);
    assert.deepEqual(told, { rebound: 1, size: round * 4 }, 'nothing that was written is told of later');
    fs.writeSync(fd, `${round};`.padStart(4), round * 4);
  }
  const bytes = Buffer.alloc(100);
  const count = fs.readSync(fd, bytes, 0, 100, 0);
  assert.equal(
    bytes.toString('utf8', 0, count),
    Array.from({ length: 20 }, (_, round) => `${round};`.padStart(4)).join(''),
  );
  fs.closeSync(fd);
});
