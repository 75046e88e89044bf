/** A server without the chunk service (protocol notes 3.3): what is large goes in one PUT, and that is remembered. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/base/index.js';
import type { UploadBase } from '../../src/drive/index.js';
import {
  BULK,
  driveOn,
  kind,
  names,
  payloadOf,
  readText,
  type StandinDrive,
  standinDrive,
  wayMemory,
} from '../support/drive-fixture.js';

const NOON = Date.UTC(2024, 1, 3, 12);
const CHUNKS = 'StartUpload,ContinueUpload,FinishUpload,CancelUpload,GetUploadStatus';
/** Waits are not what is looked at here. */
const hasty = { ...systemClock, sleep: async () => {} };
const LARGE = { chunkThresholdBytes: 1_000, chunkBytes: 500, clock: hasty };
const bytes = (letter: string) => letter.repeat(3_000);

async function withoutChunks(
  context: TestContext,
  status: number,
  ways = wayMemory(),
): Promise<StandinDrive> {
  const found = await standinDrive(context, { ...LARGE, ways });
  found.standin.control.set({ refusedServices: CHUNKS, refusedServiceStatus: status });
  return found;
}

function upload({ drive }: StandinDrive, path: string, text: string, base: UploadBase) {
  return drive.upload(path, payloadOf(text), { ...BULK, base, modifiedMs: NOON });
}

const asked = ({ standin }: StandinDrive, service: string) =>
  standin.control.log.entries.filter(({ path }) => path.includes(service)).length;

for (const status of [400, 403, 404, 405, 501]) {
  test(`a large file is made and replaced where StartUpload answers ${status}`, async (context) => {
    const ways = wayMemory();
    const found = await withoutChunks(context, status, ways);
    const { version } = await upload(found, '/large', bytes('a'), 'absent');
    assert.equal(await readText(found.drive, '/large'), bytes('a'));
    assert.deepEqual(await names(found.drive, '/'), ['large'], 'nothing that was to grow is left');
    const again = await driveOn(context, found.standin, { ...LARGE, ways });
    found.standin.control.log.clear();
    await upload(again, '/large', bytes('b'), { version });
    await upload(again, '/other', bytes('c'), 'absent');
    assert.equal(await readText(again.drive, '/large'), bytes('b'));
    assert.equal(await readText(again.drive, '/other'), bytes('c'));
    assert.equal(asked(again, 'StartUpload'), 0, 'what was refused once is not asked again');
  });
}

test('nothing of anybody else is overwritten by it', async (context) => {
  const found = await withoutChunks(context, 404);
  const { version } = await upload(found, '/large', bytes('a'), 'absent');
  found.standin.control.drive().write('large', 'theirs');
  await assert.rejects(upload(found, '/large', bytes('b'), { version }), kind('changed'));
  await assert.rejects(upload(found, '/large', bytes('b'), 'absent'), kind('exists'));
  assert.equal(await readText(found.drive, '/large'), 'theirs');
});

test('what is too large for a PUT as well is refused for that, and what is there stays', async (context) => {
  const found = await withoutChunks(context, 404);
  const { version } = await upload(found, '/large', bytes('a'), 'absent');
  found.standin.control.set({ davMaxPutBytes: 2_000, restMaxBytes: 2_000 });
  await assert.rejects(upload(found, '/large', bytes('b'), { version }), kind('too-large'));
  await assert.rejects(upload(found, '/new', bytes('b'), 'absent'), kind('too-large'));
  assert.equal(await readText(found.drive, '/large'), bytes('a'));
  assert.deepEqual(await names(found.drive, '/'), ['large']);
  found.standin.control.set({ refusedServices: '' });
  await upload(found, '/large', bytes('b'), { version });
  assert.equal(await readText(found.drive, '/large'), bytes('b'), 'the service has come: it is used');
});

test('what REST takes no longer in one request is PUT', async (context) => {
  const found = await withoutChunks(context, 403);
  found.standin.control.set({ restMaxBytes: 500 });
  await upload(found, '/middle', 'm'.repeat(900), 'absent');
  assert.equal(await readText(found.drive, '/middle'), 'm'.repeat(900));
});

test('a service that was seen at work is asked for again', async (context) => {
  const found = await standinDrive(context, LARGE);
  await upload(found, '/one', bytes('1'), 'absent');
  found.standin.control.set({ refusedServices: CHUNKS, refusedServiceStatus: 404 });
  await upload(found, '/two', bytes('2'), 'absent');
  found.standin.control.set({ refusedServices: '' });
  found.standin.control.log.clear();
  await upload(found, '/three', bytes('3'), 'absent');
  assert.notEqual(asked(found, 'StartUpload'), 0);
});

test('a full drive is no missing service', async (context) => {
  const found = await standinDrive(context, LARGE);
  found.standin.control.set({ quotaBytes: 2_000 });
  await assert.rejects(upload(found, '/large', bytes('a'), 'absent'), kind('full'));
});
