/** The addon without a mount: it loads, and the services that Node lacks do what they say. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  read,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { loadAddon } from '../../../src/fuse/addon.js';
import { builtAddon } from '../../../src/fuse/built-addon.js';
import { checkBridge, releaseMemory, sendDatagram, syncFileSystem } from '../../../src/fuse/index.js';

const ROOT = join(import.meta.dirname, '../../../..');

/** Receives one datagram and prints it. */
const RECEIVER = `
import socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1].replace('@', '\\0', 1))
receiver.settimeout(10)
print('bound', flush=True)
print(receiver.recv(4096).decode(), flush=True)
`;

async function receiveOne(path: string, send: () => void): Promise<string> {
  const { spawn } = await import('node:child_process');
  const child = spawn('python3', ['-c', RECEIVER, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  for await (const chunk of child.stdout) {
    if (output === '') send();
    output += chunk;
  }
  return output;
}

test('it loads', () => {
  assert.equal(checkBridge(), null);
});

/** Of the files that are mapped: node itself above all. */
function residentOfFilesKiB(): number {
  return Number(/RssFile:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}

test('what only the start needed of node itself is let go, and what is used comes back', async () => {
  const before = residentOfFilesKiB();
  releaseMemory();
  // It is done in another thread, and no call of ours says when.
  for (let attempt = 0; attempt < 1000 && residentOfFilesKiB() > before * 0.8; attempt++) await sleep(10);
  assert.ok(residentOfFilesKiB() <= before * 0.8);
  assert.equal(JSON.parse(JSON.stringify({ of: [before] })).of[0], before);
});

test('a datagram arrives, at a path and at an abstract name', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'odbfs-datagram-'));
  context.after(() => rmSync(folder, { recursive: true }));
  for (const path of [join(folder, 'socket'), `@odbfs-test-${process.pid}`]) {
    assert.equal(await receiveOne(path, () => sendDatagram(path, 'READY=1')), 'bound\nREADY=1\n');
  }
});

test('a datagram that nobody takes says so', () => {
  assert.throws(() => sendDatagram('/nowhere/at/all', 'x'), { code: 'ENOENT' });
  assert.throws(() => sendDatagram('x'.repeat(200), 'x'), { code: 'ENAMETOOLONG' });
  assert.throws(() => sendDatagram('', 'x'), { code: 'EINVAL' });
});

test('a disk is synced as a whole, and what is no file on any says so', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'odbfs-sync-'));
  const descriptor = openSync(folder, 'r');
  context.after(() => {
    closeSync(descriptor);
    rmSync(folder, { recursive: true });
  });
  await syncFileSystem(descriptor);
  await assert.rejects(syncFileSystem(-1), /Bad file descriptor/);
});

test('the watchdog bites when nobody disarms it, even while JavaScript is busy', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'odbfs-watchdog-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const [bitten, spared] = [join(folder, 'bitten'), join(folder, 'spared')];
  for (const path of [bitten, spared]) writeFileSync(path, '');
  const disarm = loadAddon().armWatchdog(spared, 500);
  disarm();
  loadAddon().armWatchdog(bitten, 500);
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  // JavaScript stays busy until it has bitten, which is after the other one would have.
  while (readFileSync(bitten, 'utf8') === '') Atomics.wait(nobody, 0, 0, 10);
  assert.equal(readFileSync(bitten, 'utf8'), '1');
  assert.equal(readFileSync(spared, 'utf8'), '');
});

test('the watchdog bites what was there when it was armed, not what has its name by then', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'odbfs-watchdog-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const [path, moved] = [join(folder, 'abort'), join(folder, 'moved')];
  writeFileSync(path, '');
  loadAddon().armWatchdog(path, 100);
  renameSync(path, moved);
  writeFileSync(path, '');
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  while (readFileSync(moved, 'utf8') === '' && readFileSync(path, 'utf8') === '')
    Atomics.wait(nobody, 0, 0, 10);
  assert.equal(readFileSync(moved, 'utf8'), '1');
  assert.equal(readFileSync(path, 'utf8'), '');
});

test('no other process of this user may read our memory', () => {
  const script = `const { loadAddon } = await import(${JSON.stringify(join(ROOT, 'dist/src/fuse/addon.js'))});
    loadAddon().forbidDumps();
    console.log((await import('node:fs')).statSync('/proc/self/environ').uid);`;
  const words = ['--input-type=module', '-e', script];
  const output = execFileSync(
    'setpriv',
    ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, ...words],
    {
      encoding: 'utf8',
      cwd: '/',
    },
  );
  // What cannot be dumped belongs to root in /proc.
  assert.equal(output, '0\n');
});

test('an attribute that is never kept is answered for without JavaScript, any other is not', async () => {
  const addon = loadAddon();
  const [ours, kernel] = addon.socketPair();
  let handed = 0;
  let onHanded = () => {};
  const native = addon.attach(
    ours,
    ...([new Uint8Array(65536), 8192, new Uint8Array(64), new Int32Array(4), 1] as const),
    () => {
      handed += 1;
      onHanded();
    },
    () => undefined,
  );
  const answerTo = async (unique: number, name: string): Promise<number[]> => {
    writeSync(kernel, getxattrMessage(unique, name));
    const { buffer } = await promisify(read)(kernel, Buffer.alloc(16), 0, 16, null);
    return [0, 4, 8, 12].map((at) => buffer.readInt32LE(at));
  };
  try {
    native.keepOnlyAttributes('user.', 95);
    native.start();
    assert.deepEqual(await answerTo(5, 'security.capability'), [16, -95, 5, 0]);
    assert.deepEqual(await answerTo(6, 'use'), [16, -95, 6, 0]);
    assert.equal(handed, 0);
    const toJavaScript = new Promise<void>((resolve) => {
      onHanded = resolve;
    });
    writeSync(kernel, getxattrMessage(7, 'user.x'));
    await toJavaScript;
  } finally {
    native.close();
    addon.closeDescriptor(kernel);
  }
});

function getxattrMessage(unique: number, name: string): Buffer {
  const message = Buffer.alloc(48 + name.length + 1);
  message.writeUInt32LE(message.length, 0);
  message.writeUInt32LE(22, 4);
  message.writeUInt32LE(unique, 8);
  message.write(name, 48);
  return message;
}

test('nonsense is refused, not believed', () => {
  const addon = loadAddon();
  const nothing = () => undefined;
  const status = new Int32Array(4);
  const bytes = new Uint8Array(16);
  assert.throws(() => addon.attach(-1, bytes, 8192, bytes, status, 2, nothing, nothing), { code: 'EINVAL' });
  assert.throws(() => addon.attach(-1, new Uint8Array(65536), 65536, bytes, status, 2, nothing, nothing));
});

test('the build is up to date, and says where it is', () => {
  const script = join(ROOT, 'native-build', 'build.mjs');
  const output = execFileSync(process.execPath, [script], { encoding: 'utf8' }).trim();
  assert.ok(existsSync(output));
});

test('what was built from older sources is built anew, and what was not is loaded as it is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'odbfs-addon-'));
  try {
    mkdirSync(join(folder, 'src'));
    mkdirSync(join(folder, 'guard'));
    mkdirSync(join(folder, 'build', 'here'), { recursive: true });
    const built = join(folder, 'build', 'here', 'odbfs_fuse.node');
    const source = join(folder, 'src', 'a.c');
    const guard = join(folder, 'build', 'here', 'odbfs_guard');
    for (const path of [source, join(folder, 'guard', 'guard.c'), built, guard]) writeFileSync(path, '');
    const script = `import { writeFileSync } from 'node:fs';
      writeFileSync(${JSON.stringify(join(folder, 'built'))}, ''); writeFileSync(${JSON.stringify(`${built}.stamp`)}, '');`;
    writeFileSync(join(folder, 'build.mjs'), script);
    const wasBuilt = () => {
      assert.equal(builtAddon(folder, 'here'), built);
      const is = existsSync(join(folder, 'built'));
      rmSync(join(folder, 'built'), { force: true });
      return is;
    };
    assert.equal(wasBuilt(), true, 'nobody knows what it was built from');
    assert.equal(wasBuilt(), false, 'it is newer than its sources');
    const longAgo = new Date(0);
    utimesSync(source, longAgo, longAgo);
    assert.equal(wasBuilt(), true, 'a source was unpacked over the old one');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
