/** A server whose front ends lag behind (protocol notes 5.2.6): what we were told is done is never said to be gone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ASKING, put, readText, standinDrive } from '../support/drive-fixture.js';

const MOVING = { ...ASKING, overwrite: false } as const;
/** Longer than a read takes to be refused, shorter than the client's patience with its own writes. */
const LAG_MS = 400;
const MODIFIED_MS = Date.UTC(2020, 1, 3, 4, 5, 6);

for (const [what, from, to, file] of [
  ['a file', '/a.txt', '/b.txt', '/b.txt'],
  ['what is in a folder', '/folder', '/moved', '/moved/x.txt'],
] as const) {
  test(`${what} that was moved can be read before the server shows it`, async (context) => {
    const { drive, standin } = await standinDrive(context);
    await drive.makeDirectory('/folder', ASKING);
    await put(drive, '/a.txt', 'content');
    await put(drive, '/folder/x.txt', 'content');
    standin.control.set({ visibilityLagMs: LAG_MS });
    standin.control.log.clear();
    const moving = drive.move(from, to, MOVING);
    const isLookedFor = () =>
      standin.control.log.entries.some(({ method, path }) => method === 'PROPFIND' && path.endsWith(to));
    while (!isLookedFor()) await setImmediate();
    assert.equal(await readText(drive, file), 'content');
    await moving;
  });
}

test('the times of files that the server does not show yet are set, with those of files that it does', async (context) => {
  const { drive, standin } = await standinDrive(context);
  const paths = ['/known.txt', '/one.txt', '/two.txt'];
  await put(drive, '/known.txt', 'content');
  standin.control.set({ visibilityLagMs: 3 * LAG_MS });
  for (const path of paths.slice(1)) await put(drive, path, 'content');
  const items = await Promise.all(paths.map((path) => drive.setModified(path, MODIFIED_MS, ASKING)));
  assert.deepEqual(
    items.map(({ modifiedMs }) => modifiedMs),
    paths.map(() => MODIFIED_MS),
  );
  assert.equal(drive.capabilities.setsModified, true);
});

test('a folder whose making was answered by nobody is found once the server shows it', async (context) => {
  const { drive, standin } = await standinDrive(context);
  standin.control.set({ visibilityLagMs: LAG_MS, completeThenDropNext: 1, faultMatch: 'MKCOL' });
  const { kind } = await drive.makeDirectory('/folder', ASKING);
  assert.equal(kind, 'folder');
  assert.deepEqual(
    standin.control.log.entries.flatMap(({ method, status }) => (method === 'MKCOL' ? [status] : [])).at(-1),
    405,
  );
});
