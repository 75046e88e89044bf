import assert from 'node:assert/strict';
import { writeSync } from 'node:fs';
import { test } from 'node:test';
import { DriveError, type DriveErrorKind } from '../../../src/drive/index.js';
import { ROOT_INO } from '../../../src/spool/index.js';
import { type SpoolBench, spoolBench } from '../../support/spool-bench.js';

function failUploads(bench: SpoolBench, kind: DriveErrorKind, path?: string): void {
  bench.drive.beforeCall = (call) => {
    if (call.name !== 'upload' || (path !== undefined && call.path !== path)) return;
    throw new DriveError(kind, `${kind} as the test wants it`, { retryAfterMs: 30_000 });
  };
}

test('what the server refuses is kept with its reason and blocks nobody', async (t) => {
  const bench = await spoolBench(t, { expectedWarnings: /the server refuses this/ });
  failUploads(bench, 'denied', '/a');
  const ino = await bench.file(ROOT_INO, 'a', 'kept');
  await bench.file(ROOT_INO, 'b', 'sent');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/b': 'sent' });
  assert.deepEqual(bench.spool.owed(ino)?.state, { kind: 'refused', reason: 'denied as the test wants it' });
  assert.equal(bench.spool.statistics.refused, 1);
  await bench.reopen();
  assert.equal(bench.spool.owed(ino)?.state.kind, 'refused', 'over a restart');
  bench.drive.beforeCall = () => undefined;
  bench.spool.hurry();
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a': 'kept', '/b': 'sent' });
});

test('a folder that was refused for its name is made under another, and nobody asks about the first', async (t) => {
  const bench = await spoolBench(t, { expectedWarnings: /the server refuses this/ });
  bench.drive.beforeCall = ({ name, path }) => {
    if (path !== '/bad') return;
    throw new DriveError(name === 'makeDirectory' ? 'bad-name' : 'protocol', 'HTTP status 400');
  };
  const { ino: folder } = bench.folder(ROOT_INO, 'bad');
  await bench.file(folder, 'in', 'x');
  await bench.quiesce();
  assert.equal(bench.spool.owed(folder)?.state.kind, 'refused');
  bench.spool.rename(folder, null, 'folder', { parent: ROOT_INO, name: 'good' }, null);
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/good': null, '/good/in': 'x' });
});

test('while the server does not answer, few ask it, for ever', async (t) => {
  const bench = await spoolBench(t);
  failUploads(bench, 'unreachable');
  for (let count = 0; count < 50; count += 1) await bench.file(ROOT_INO, `${count}`, 'x');
  await bench.quiesce(30 * 60_000);
  const asked = bench.drive.calls.length;
  assert.ok(asked < 60, `${asked} calls in half an hour`);
  bench.drive.beforeCall = () => undefined;
  await bench.quiesce(6 * 60_000);
  assert.equal(Object.keys(bench.serverTree()).length, 50);
});

test('eight that fail together are one failure: the next attempt is soon', async (t) => {
  const bench = await spoolBench(t);
  failUploads(bench, 'unreachable');
  for (let count = 0; count < 20; count += 1) await bench.file(ROOT_INO, `${count}`, 'x');
  await bench.quiesce(500);
  bench.drive.beforeCall = () => undefined;
  await bench.quiesce(3000);
  assert.equal(Object.keys(bench.serverTree()).length, 20);
});

test('a pause that the server asks for is kept, even in a hurry', async (t) => {
  const bench = await spoolBench(t);
  failUploads(bench, 'throttled');
  await bench.file(ROOT_INO, 'a', 'x');
  await bench.quiesce(2000);
  assert.equal(bench.drive.calls.length, 1);
  bench.spool.hurry();
  await bench.quiesce(20_000);
  assert.equal(bench.drive.calls.length, 1);
  await bench.quiesce(20_000);
  assert.ok(bench.drive.calls.length > 1);
});

test('on a full drive, what fits is sent as soon as there is room; the smallest is tried in any case', async (t) => {
  const bench = await spoolBench(t);
  let freeBytes = 0;
  bench.drive.beforeCall = ({ name, path }) => {
    if (name !== 'upload') return;
    const size = 100 * Number(path.slice(1));
    if (size > freeBytes) throw new DriveError('full', 'no room left there');
    freeBytes -= size;
  };
  for (const count of [4, 1, 3, 2]) await bench.file(ROOT_INO, `${count}`, 'x'.repeat(100 * count));
  await bench.quiesce(2000);
  const tries = bench.drive.calls.length;
  const room = bench.spool.lackingRoom;
  assert.deepEqual([tries, room.isEmpty], [4, false]);
  room.roomMade(300);
  await bench.quiesce(50);
  assert.equal(bench.drive.calls.length, tries + 2, 'what the server told was not true: 1 and 2 were tried');
  freeBytes = 150;
  room.roomMade(null);
  await bench.quiesce(50);
  assert.deepEqual(Object.keys(bench.serverTree()), ['/1']);
  freeBytes = 1000;
  room.roomMade(900);
  await bench.quiesce(50);
  assert.deepEqual(Object.keys(bench.serverTree()).sort(), ['/1', '/2', '/3', '/4']);
  assert.equal(room.isEmpty, true);
});

test('signed out: nothing is asked until somebody signs in', async (t) => {
  const bench = await spoolBench(t);
  failUploads(bench, 'signed-out');
  await bench.file(ROOT_INO, 'a', 'x');
  await bench.quiesce(2000);
  await bench.file(ROOT_INO, 'b', 'y');
  await bench.quiesce(10 * 60_000);
  assert.equal(bench.drive.calls.length, 1);
  assert.equal(bench.events.filter(({ kind }) => kind === 'blocked').length, 1);
  bench.drive.beforeCall = () => undefined;
  bench.spool.unblock();
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a': 'x', '/b': 'y' });
});

test('the network is back: what failed many times before is sent at once', async (t) => {
  const bench = await spoolBench(t);
  bench.drive.beforeCall = ({ name }) => {
    if (name === 'upload') throw new DriveError('unreachable', 'no network');
  };
  await bench.file(ROOT_INO, 'a', 'x');
  await bench.quiesce(4 * 60_000);
  let tries = bench.drive.calls.length;
  assert.ok(tries > 3);
  // Until it has just been tried: how long it waits then is left to chance, but never as little as what follows.
  for (const before = tries; tries === before; tries = bench.drive.calls.length) await bench.quiesce(500);
  bench.drive.beforeCall = () => undefined;
  await bench.quiesce(50);
  assert.equal(bench.drive.calls.length, tries, 'it is not due yet');
  bench.spool.unblock();
  await bench.quiesce(50);
  assert.deepEqual(bench.serverTree(), { '/a': 'x' });
});

test('what failed many times before is not put off for long while somebody waits for it', async (t) => {
  const bench = await spoolBench(t);
  failUploads(bench, 'protocol');
  await bench.file(ROOT_INO, 'a', 'x');
  await bench.quiesce(30_000);
  const settled = bench.spool.settled('all', AbortSignal.timeout(60_000));
  bench.spool.hurry();
  await bench.quiesce(500);
  bench.drive.beforeCall = () => undefined;
  await bench.quiesce(20_000);
  await settled;
  assert.deepEqual(bench.serverTree(), { '/a': 'x' });
});

test('a new update stops the upload, and its payload never changes while it is sent', async (t) => {
  const bench = await spoolBench(t);
  let isAborted = false;
  bench.drive.beforeCall = async ({ name, signal }) => {
    if (name !== 'upload' || isAborted) return;
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    isAborted = true;
  };
  const ino = await bench.file(ROOT_INO, 'a', 'first');
  await bench.quiesce(2000);
  assert.equal(bench.spool.owed(ino)?.state.kind, 'sending');
  await bench.write(ino, 'second');
  assert.ok(isAborted);
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a': 'second' });
});

test('an upload that ends while an update begins loses nothing of the update', async (t) => {
  const bench = await spoolBench(t);
  const ino = await bench.file(ROOT_INO, 'a', 'first');
  const options = { item: null, base: 'absent', truncate: false } as const;
  const beginning = bench.spool.beginUpdate(ino, { ...options, seed: () => Promise.resolve(0) });
  await bench.clock.run(5000);
  const update = await beginning;
  writeSync(update.descriptor, 'second', 0);
  bench.spool.commit(ino, 6);
  update.close();
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a': 'second' });
});

test('settled resolves when nothing is owed below, and rejects with the reason of its signal', async (t) => {
  const bench = await spoolBench(t);
  const folder = bench.folder(ROOT_INO, 'folder');
  await bench.file(folder.ino, 'file', 'x');
  const other = await bench.file(ROOT_INO, 'other', 'x');
  failUploads(bench, 'locked', '/other');
  const stop = new AbortController();
  const waiting = bench.spool.settled([other], stop.signal);
  const settled = bench.spool.settled([folder.ino], new AbortController().signal);
  await bench.quiesce(10_000);
  await settled;
  stop.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
});

test('a barrier lets nothing rest that it waits for, also what can be sent only later', async (t) => {
  const rests = { quietMs: 3_600_000, deleteQuietMs: 3_600_000, longestDeleteQuietMs: 3_600_000 };
  const bench = await spoolBench(t, {
    limits: rests,
    setUp: ({ server }) => {
      server.makeFolder('/old');
      server.write('/old/gone', 'x');
    },
  });
  const [folder, file] = [bench.inoAt('/old'), bench.inoAt('/old/gone')];
  bench.spool.remove(file, bench.itemAt('/old/gone'), 'file');
  bench.spool.remove(folder, bench.itemAt('/old'), 'folder');
  let parent = ROOT_INO;
  for (const name of ['a', 'b', 'c']) parent = bench.folder(parent, name).ino;
  await bench.file(parent, 'file', 'x');
  const elsewhere = await bench.file(ROOT_INO, 'elsewhere', 'x');
  const settled = bench.spool.settled([parent, folder], new AbortController().signal);
  await bench.quiesce(10_000);
  await settled;
  assert.deepEqual(Object.keys(bench.serverTree()), ['/a', '/a/b', '/a/b/c', '/a/b/c/file']);
  assert.equal(bench.spool.owed(elsewhere)?.state.kind, 'owed', 'what nobody waits for rests');
});

test('a time that was set is told to the server in whole seconds, once', async (t) => {
  const bench = await spoolBench(t, { setUp: ({ server }) => server.write('/a', 'x') });
  const modifiedMs = Date.UTC(2020, 1, 2, 3, 4, 5, 678);
  bench.spool.touch(bench.inoAt('/a'), bench.itemAt('/a'), modifiedMs);
  await bench.quiesce();
  assert.equal(bench.drive.server.find('/a')!.modifiedMs, modifiedMs);
  assert.equal(bench.drive.count('setModified'), 1);
  assert.equal(bench.spool.statistics.owed, 0);
});

test('an upload that is given up half-way is taken away from the server, also after a restart', async (t) => {
  const bench = await spoolBench(t);
  const { drive } = bench;
  const upload = drive.upload.bind(drive);
  let sessions = 0;
  drive.upload = async (path, payload, options) => {
    if (payload.size > 20) return upload(path, payload, options);
    sessions += 1;
    options.onSession?.({ id: `session ${sessions}`, offset: 0 });
    return new Promise((_, reject) => {
      options.signal.addEventListener('abort', () => reject(options.signal.reason), { once: true });
    });
  };
  const ino = await bench.file(ROOT_INO, 'a', 'first');
  await bench.quiesce(2000);
  drive.beforeCall = ({ name }) => {
    if (name === 'abandon') throw new DriveError('unreachable', 'cut');
  };
  await bench.write(ino, 'what is uploaded by the second attempt');
  await bench.quiesce(2000);
  assert.deepEqual(bench.serverTree(), { '/a': 'what is uploaded by the second attempt' });
  drive.beforeCall = () => undefined;
  await bench.reopen();
  await bench.quiesce(1000);
  const given = drive.calls.filter(({ name }) => name === 'abandon').map(({ path }) => path);
  assert.deepEqual([...new Set(given)], ['session 1']);
  const asked = drive.count('abandon');
  await bench.reopen();
  await bench.quiesce(1000);
  assert.equal(drive.count('abandon'), asked, 'nothing is left to be given up');
});

test('an upload that is given up is looked for where its folder is by then', async (t) => {
  const bench = await spoolBench(t, { setUp: ({ server }) => server.makeFolder('/d') });
  const { drive } = bench;
  drive.upload = (_path, _payload, { onSession, signal }) => {
    onSession?.({ id: 'session', offset: 0, growsAs: '.odbfs-grows.part' });
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  };
  const folder = bench.inoAt('/d');
  bench.spool.bind(folder, bench.itemAt('/d'));
  const ino = await bench.file(folder, 'a', 'x');
  await bench.quiesce(2000);
  const folders: (string | undefined)[] = [];
  drive.abandon = async ({ folder }) => {
    folders.push(folder);
    if (folders.length > 1) return;
    drive.server.move('/e', '/f');
    bench.remote.tree.learnAll();
  };
  drive.server.move('/d', '/e');
  bench.spool.remove(ino, null, 'file');
  await bench.quiesce(2000);
  assert.deepEqual(folders, ['/e', '/f'], 'also when it is moved just then');
});

test('what arrived, and found the disk full when it was to be settled, is settled once there is room', async (t) => {
  let isFull = false;
  const bench = await spoolBench(t, {
    expectedWarnings: /the disk is full/,
    onStep: (step) => {
      if (isFull && step === 'S10 caches told') throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
    },
  });
  isFull = true;
  const ino = await bench.file(ROOT_INO, 'a', 'sent');
  await bench.folder(ROOT_INO, 'f');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a': 'sent', '/f': null });
  assert.ok(bench.spool.owed(ino), 'it is not settled');
  const asked = bench.drive.calls.length;
  isFull = false;
  await bench.quiesce(3 * 60_000);
  assert.deepEqual([...bench.spool.all()], []);
  assert.equal(bench.drive.calls.length, asked, 'the server is not asked again');
  await bench.write(ino, 'and again', bench.itemAt('/a'));
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a': 'and again', '/f': null });
});
