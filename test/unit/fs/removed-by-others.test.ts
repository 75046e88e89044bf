/** SEMANTICS, Consistency: "Replacing a file that was removed remotely creates it again." Where it was, also in folders. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { FileSystemWorld } from '../../support/file-system-world.js';

let world: FileSystemWorld;

beforeEach(async () => {
  world = await FileSystemWorld.open();
  for (const path of ['/top', '/top/d']) world.drive.server.makeFolder(path);
  world.drive.server.write('/top/d/f', 'old');
  await world.caughtUp();
  await world.kernel.writeFile('/top/d/f', 'mine');
});
afterEach(() => world.close());

async function settledTree(): Promise<Record<string, string>> {
  await world.settled();
  await world.caughtUp();
  const files = world.drive.server.all().filter(({ kind }) => kind === 'file');
  return Object.fromEntries(files.map(({ path, content }) => [path, Buffer.from(content).toString()]));
}

test('a file that somebody removed is made again in its folder', async () => {
  world.drive.server.remove('/top/d/f');
  await world.caughtUp();
  assert.deepEqual(await settledTree(), { '/top/d/f': 'mine' });
  assert.equal(await world.kernel.readFile('/top/d/f').then(String), 'mine');
});

test('the same where its removal is found when it is sent', async () => {
  world.drive.server.remove('/top/d/f');
  assert.deepEqual(await settledTree(), { '/top/d/f': 'mine' });
});

test('the same after a restart', async () => {
  await world.restart();
  world.drive.server.remove('/top/d/f');
  await world.caughtUp();
  assert.deepEqual(await settledTree(), { '/top/d/f': 'mine' });
});

test('removed with its folder, it is made again with that', async () => {
  world.drive.server.remove('/top/d');
  await world.caughtUp();
  assert.deepEqual(await settledTree(), { '/top/d/f': 'mine' });
});

test('moved by somebody and removed there, it is made again there', async () => {
  const { server } = world.drive;
  for (const path of ['/other', '/other/e']) server.makeFolder(path);
  server.move('/top/d/f', '/other/e/g');
  await world.caughtUp();
  server.remove('/other/e/g');
  await world.caughtUp();
  assert.deepEqual(await settledTree(), { '/other/e/g': 'mine' });
});

/** Once the server has refused the move because of what others did: what is written while it is asked about that. */
async function writeWhileItAsks(): Promise<void> {
  let hasRefused = false;
  let isWritten = false;
  world.drive.beforeCall = async ({ name }) => {
    hasRefused ||= name === 'move';
    if (name !== 'stat' || !hasRefused || isWritten) return;
    isWritten = true;
    const file = await world.kernel.open('/top/d/g', { access: 'read-write' });
    await world.kernel.write(file, 4, ' and more');
    await world.kernel.close(file);
  };
  await world.settled();
  assert.ok(isWritten);
}

test('what is written while a removed file is looked for is sent with the rest', async () => {
  await world.kernel.rename('/top/d/f', '/top/d/g');
  world.drive.server.remove('/top/d/f');
  await writeWhileItAsks();
  assert.deepEqual(await settledTree(), { '/top/d/g': 'mine and more' });
});

test('the same while it is looked at what stands in its way', async () => {
  await world.kernel.rename('/top/d/f', '/top/d/g');
  world.drive.server.write('/top/d/g', 'theirs');
  await writeWhileItAsks();
  const texts = Object.values(await settledTree()).sort();
  assert.deepEqual(texts, ['mine and more', 'theirs']);
});
