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
