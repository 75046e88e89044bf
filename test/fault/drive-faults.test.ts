/** What the wire and the server do to requests in passing; whoever asked the drive notices nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteRange } from '../../src/base/index.js';
import {
  ASKING,
  BULK,
  kind,
  names,
  payloadOf,
  put,
  readText,
  standinDrive,
  textOf,
} from '../support/drive-fixture.js';

const MEGABYTE = 1024 * 1024;

test('a throttling storm is waited out, once for everybody', async (context) => {
  const { drive, standin, metrics } = await standinDrive(context);
  await put(drive, '/a.txt', 'a');
  standin.control.throttleStorm(12, 1);
  const answers = await Promise.all(Array.from({ length: 10 }, () => drive.stat('/a.txt', BULK)));
  assert.equal(answers.length, 10);
  assert.ok(metrics.get('requests.throttled') <= 12);
  assert.equal(drive.network.status.state, 'online');
});

test('a pause longer than anybody waits is said at once', async (context) => {
  const { drive, standin } = await standinDrive(context);
  standin.control.throttleStorm(1, 600);
  const started = performance.now();
  await assert.rejects(drive.stat('/', ASKING), kind('throttled'));
  await assert.rejects(drive.stat('/', ASKING), kind('throttled'));
  assert.ok(performance.now() - started < 60_000);
  assert.equal(drive.network.status.state, 'throttled');
});

test('overloaded and broken answers are asked again', async (context) => {
  const { drive, standin } = await standinDrive(context);
  await put(drive, '/a.txt', 'hello');
  for (const faults of [
    { failNext: 2, failStatus: 502 },
    { failNext: 1, failStatus: 500 },
    { dropNext: 2 },
    { unavailableNext: 1, throttleRetryAfterSeconds: 1 },
  ]) {
    standin.control.set(faults);
    assert.equal(await readText(drive, '/a.txt'), 'hello', JSON.stringify(faults));
  }
});

test('writes whose answer was lost are not done twice, and not taken for somebody else', async (context) => {
  const { drive, standin } = await standinDrive(context);
  const creating = { ...BULK, base: 'absent', modifiedMs: 0 } as const;
  const lose = () => standin.control.set({ completeThenDropNext: 1 });
  lose();
  assert.equal((await drive.upload('/a.txt', payloadOf('new'), creating)).size, 3);
  lose();
  assert.equal((await drive.makeDirectory('/folder', BULK)).kind, 'folder');
  lose();
  assert.equal((await drive.move('/a.txt', '/folder/b.txt', { ...BULK, overwrite: false })).name, 'b.txt');
  const before = await drive.stat('/folder/b.txt', BULK);
  lose();
  const base = { version: before.version };
  const replaced = await drive.upload('/folder/b.txt', payloadOf('newer'), { ...BULK, base, modifiedMs: 0 });
  assert.equal(replaced.size, 5);
  lose();
  await drive.remove('/folder/b.txt', { ...BULK, kind: 'file', version: replaced.version });
  assert.deepEqual(await names(drive, '/folder'), []);
});

for (const method of ['AddUsingPath', 'PUT'] as const) {
  test(`somebody's file of the same size that came before our second attempt at ${method} is not taken for ours`, async (context) => {
    const { drive, standin } = await standinDrive(context);
    const base = method === 'PUT' ? { version: (await put(drive, '/a.txt', 'before')).version } : 'absent';
    standin.control.set({ dropNext: 1, faultMatch: method });
    let opened = 0;
    const mine = payloadOf('mine  ');
    const payload = {
      ...mine,
      async *open(range: ByteRange) {
        opened += 1;
        if (opened === 2) standin.control.drive().write('a.txt', 'theirs');
        yield* mine.open(range);
      },
    };
    const uploading = drive.upload('/a.txt', payload, { ...BULK, base, modifiedMs: 0 });
    await assert.rejects(uploading, kind(method === 'PUT' ? 'changed' : 'exists'));
    assert.equal(await readText(drive, '/a.txt'), 'theirs');
  });
}

test("somebody's file of the same size that came with our last chunk, which got lost, is not taken for ours", async (context) => {
  const { drive, standin } = await standinDrive(context, {
    chunkThresholdBytes: MEGABYTE,
    chunkBytes: MEGABYTE,
  });
  const { version } = await put(drive, '/a.bin', Buffer.alloc(2 * MEGABYTE, 'before'));
  standin.control.set({ dropNext: 1, faultMatch: 'FinishUpload' });
  const theirs = Buffer.alloc(2 * MEGABYTE, 'theirs');
  const mine = payloadOf(Buffer.alloc(2 * MEGABYTE, 'mine'));
  let isLast = false;
  const payload = {
    ...mine,
    async *open(range: ByteRange) {
      if (range.offset > 0 && !isLast) {
        isLast = true;
        standin.control.drive().write('a.bin', theirs);
      }
      yield* mine.open(range);
    },
  };
  const options = { ...BULK, base: { version }, modifiedMs: 0 };
  await assert.rejects(drive.upload('/a.bin', payload, options), kind('changed'));
  assert.equal(await readText(drive, '/a.bin'), theirs.toString());
});

test('a stream that breaks goes on where it was', async (context) => {
  const { drive, standin } = await standinDrive(context);
  const content = Buffer.alloc(3 * MEGABYTE, 'odbfs ').toString();
  await put(drive, '/big', content);
  standin.control.set({ resetBodiesNext: 2 });
  assert.equal(await readText(drive, '/big'), content);
  standin.control.set({ resetBodiesNext: 1 });
  const range = { offset: 1000, length: 2 * MEGABYTE };
  const part = await drive.read('/big', { ...ASKING, range });
  assert.equal(await textOf(part.body), content.slice(1000, 1000 + 2 * MEGABYTE));
});

test('a stream that breaks never goes on with another version', async (context) => {
  const { drive, standin } = await standinDrive(context);
  await put(drive, '/big', Buffer.alloc(2 * MEGABYTE, 'a'));
  standin.control.set({ resetBodiesNext: 1 });
  const { body } = await drive.read('/big', ASKING);
  await put(drive, '/big', Buffer.alloc(2 * MEGABYTE, 'b'));
  await assert.rejects(textOf(body), kind('changed'));
});

test('a login page instead of a file is no file', async (context) => {
  const { drive, standin, session } = await standinDrive(context);
  await put(drive, '/report.pdf', 'content');
  standin.control.set({ htmlInsteadOfFile: 1 });
  assert.equal(await readText(drive, '/report.pdf'), 'content');
  assert.equal(session.renewals, 1);
});

test('a move that the server itself refused with an error is not waited for', {
  timeout: 30_000,
}, async (context) => {
  const { drive, standin } = await standinDrive(context);
  await put(drive, '/a.txt', 'a');
  standin.control.set({ failNext: 1, failStatus: 500, faultMatch: 'MOVE' });
  await assert.rejects(drive.move('/a.txt', '/b.txt', { ...BULK, overwrite: false }), kind('unreachable'));
  assert.deepEqual(await names(drive, '/'), ['a.txt']);
  assert.equal((await drive.move('/a.txt', '/b.txt', { ...BULK, overwrite: false })).name, 'b.txt');
});

test('a move whose turn came late and whose connection is cut at once is not waited for either', {
  timeout: 60_000,
}, async (context) => {
  const { drive, standin } = await standinDrive(context);
  await put(drive, '/a.txt', 'a');
  standin.control.set({ throttleNext: 1, throttleRetryAfterSeconds: 11, faultMatch: 'MOVE' });
  const moving = drive.move('/a.txt', '/b.txt', { ...BULK, overwrite: false });
  while (!standin.control.log.entries.some(({ status }) => status === 429))
    await new Promise((resolve) => setImmediate(resolve));
  standin.control.set({ dropNext: 1 });
  await assert.rejects(moving, kind('unreachable'));
  assert.deepEqual(await names(drive, '/'), ['a.txt']);
});

test('a removal that may not leave any more when its turn comes is not sent', async (context) => {
  const { drive, standin } = await standinDrive(context);
  await drive.makeDirectory('/folder', BULK);
  standin.control.set({ throttleNext: 1, throttleRetryAfterSeconds: 1, faultMatch: 'DELETE' });
  const answers = [true, false];
  const removing = drive.remove('/folder', { ...BULK, kind: 'folder', mayLeave: () => answers.shift()! });
  await assert.rejects(removing, kind('changed'));
  assert.deepEqual(
    standin.control.log.entries.filter(({ method }) => method === 'DELETE').map(({ status }) => status),
    [429],
  );
  assert.deepEqual(await names(drive, '/'), ['folder']);
  assert.equal(await drive.remove('/folder', { ...BULK, kind: 'folder', mayLeave: () => true }), true);
});

test('redirects: a DAV verb stays what it is, and no write follows', async (context) => {
  const { drive, standin } = await standinDrive(context);
  await put(drive, '/a.txt', 'a');
  standin.control.set({ redirectDav: 1 });
  assert.equal((await drive.stat('/a.txt', ASKING)).size, 1);
  standin.control.set({ redirectDav: 1 });
  await assert.rejects(drive.remove('/a.txt', { ...ASKING, kind: 'file' }), kind('protocol'));
  assert.equal(await readText(drive, '/a.txt'), 'a');
});

test('an expired session is renewed once for all, in the middle of everything', async (context) => {
  const { drive, standin, session } = await standinDrive(context);
  await put(drive, '/a.txt', 'a');
  standin.control.expire();
  const work = Array.from({ length: 8 }, (_, number) => put(drive, `/${number}.txt`, String(number)));
  await Promise.all([...work, drive.stat('/a.txt', ASKING), names(drive, '/')]);
  assert.equal(session.renewals, 1);
  assert.equal(await readText(drive, '/7.txt'), '7');
});

test('a server that says nothing is given up on within the bound, and others are not held up', async (context) => {
  const { drive, standin } = await standinDrive(context);
  standin.control.set({ hangNext: 1, faultMatch: 'PROPFIND' });
  const abort = new AbortController();
  const hanging = drive.stat('/', { signal: abort.signal, lane: 'interactive' });
  await assert.doesNotReject(drive.quota(ASKING));
  abort.abort(new Error('enough'));
  await assert.rejects(hanging, /enough/);
});

test('without a server: at once, and online again when it is back', async (context) => {
  const { drive, standin, metrics } = await standinDrive(context);
  await drive.stat('/', ASKING);
  await standin.close();
  await assert.rejects(drive.stat('/', ASKING), kind('unreachable'));
  await assert.rejects(drive.stat('/', ASKING), kind('unreachable'));
  assert.equal(drive.network.status.state, 'offline');
  const before = metrics.get('requests.total');
  await assert.rejects(drive.stat('/', ASKING), kind('unreachable'));
  // One where the time has come to look for the server with it; else none.
  assert.ok(metrics.get('requests.total') - before <= 1);
});
