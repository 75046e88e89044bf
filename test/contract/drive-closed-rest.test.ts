/** A tenant that closes REST and leaves WebDAV open: everything is stored all the same, and nothing is asked in vain. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BULK, kind, payloadOf, put, readText, standinDrive } from '../support/drive-fixture.js';

const NOON = Date.UTC(2024, 1, 3, 12);

const CLOSED = 'AddUsingPath,ValidateUpdateListItem,$batch';

for (const status of [400, 403, 404, 405, 500, 501]) {
  test(`files are made, replaced and dated where REST answers ${status}`, async (context) => {
    const { drive, standin } = await standinDrive(context);
    standin.control.set({ refusedServices: CLOSED, refusedServiceStatus: status });
    await drive.makeDirectory('/folder', BULK);
    const creating = { ...BULK, base: 'absent', modifiedMs: NOON } as const;
    const added = () => standin.control.log.entries.filter(({ path }) => path.includes('AddUsingPath'));
    const { version } = await drive.upload('/folder/a.txt', payloadOf('first'), creating);
    assert.notEqual(added().length, 0, 'it is asked for once');
    assert.equal(await readText(drive, '/folder/a.txt'), 'first');
    await drive.upload('/folder/a.txt', payloadOf('second'), {
      ...BULK,
      base: { version },
      modifiedMs: NOON,
    });
    assert.equal(await readText(drive, '/folder/a.txt'), 'second');
    const item = await drive.setModified('/folder/a.txt', NOON, BULK);
    assert.notEqual(item.modifiedMs, NOON, 'the server keeps its own time');
    standin.control.log.clear();
    await drive.upload('/folder/b.txt', payloadOf('more'), creating);
    assert.deepEqual(added(), [], 'what was refused once is not asked again');
  });
}

test('without a request digest there is WebDAV', async (context) => {
  const { drive, standin } = await standinDrive(context);
  standin.control.set({ refusedServices: 'contextinfo', refusedServiceStatus: 404 });
  await put(drive, '/a.txt', 'text');
  assert.equal(await readText(drive, '/a.txt'), 'text');
  await drive.setModified('/a.txt', NOON, BULK);
});

test('an empty file is made by a lock on its name, and nothing stays locked', async (context) => {
  const { drive, standin } = await standinDrive(context);
  standin.control.set({ refusedServices: CLOSED });
  const item = await put(drive, '/empty', '');
  assert.equal(item.size, 0);
  await drive.upload('/empty', payloadOf('no more'), {
    ...BULK,
    base: { version: item.version },
    modifiedMs: NOON,
  });
  assert.equal(await readText(drive, '/empty'), 'no more');
});

test('one that is made and not to be seen afterwards is looked for, not refused for good', async (context) => {
  const { drive, standin } = await standinDrive(context);
  standin.control.set({ refusedServices: CLOSED, visibilityLagMs: 60_000 });
  await assert.rejects(put(drive, '/empty', ''), kind('absent'));
});

test('a service that was seen at work and breaks once is asked again', async (context) => {
  const { drive, standin } = await standinDrive(context);
  const make = (path: string, text: string) =>
    drive.upload(path, payloadOf(text), { ...BULK, base: 'absent', modifiedMs: NOON });
  await make('/one', '1');
  standin.control.set({ refusedServices: CLOSED, refusedServiceStatus: 500 });
  await make('/two', '2');
  standin.control.set({ refusedServices: '' });
  standin.control.log.clear();
  await make('/three', '');
  const asked = standin.control.log.entries.map(({ method, path }) => `${method} ${path}`);
  assert.ok(
    asked.some((one) => one.includes('AddUsingPath')),
    asked.join(),
  );
  assert.ok(!asked.some((one) => one.startsWith('LOCK')), asked.join());
});

test('emptying a file needs REST; what is there stays whole', async (context) => {
  const { drive, standin } = await standinDrive(context);
  const { version } = await put(drive, '/full', 'whole');
  standin.control.set({ refusedServices: CLOSED });
  const emptying = drive.upload('/full', payloadOf(''), { ...BULK, base: { version }, modifiedMs: NOON });
  await assert.rejects(emptying, kind('denied'));
  assert.equal(await readText(drive, '/full'), 'whole');
});

test('a folder that is not there is not mistaken for a service that is not there', async (context) => {
  const { drive } = await standinDrive(context);
  await assert.rejects(put(drive, '/nowhere/a.txt', 'text'), kind('absent'));
  await put(drive, '/a.txt', '');
});
