/** Others tell the server a time, or move a file, while what we wrote into it is owed: nobody's bytes are at stake. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { FileSystemWorld } from '../../support/file-system-world.js';

let world: FileSystemWorld;
beforeEach(async () => {
  world = await FileSystemWorld.open();
  world.drive.server.write('/f.txt', 'theirs');
  await world.followed();
  assert.equal(await world.kernel.readFile('/f.txt'), 'theirs');
  await world.kernel.writeFile('/f.txt', 'ours');
});
afterEach(() => world.close());

const touch = () => world.drive.server.setModified('/f.txt', 1_000_000_000_000);

async function settledNames(): Promise<string[]> {
  await world.settled();
  await world.caughtUp();
  return world.kernel.list('/');
}

test('a time of others is no conflict', async () => {
  touch();
  await world.caughtUp();
  assert.deepEqual(await settledNames(), ['f.txt']);
  assert.equal(world.drive.server.text('/f.txt'), 'ours');
});

test('nor is one that is not known before ours is sent', async () => {
  touch();
  assert.deepEqual(await settledNames(), ['f.txt']);
  assert.equal(world.drive.server.text('/f.txt'), 'ours');
});

test('a move of others is no conflict', async () => {
  world.drive.server.move('/f.txt', '/g.txt');
  await world.caughtUp();
  assert.deepEqual(await settledNames(), ['g.txt']);
  assert.equal(world.drive.server.text('/g.txt'), 'ours');
});

test('an edit of the same size is one', async () => {
  world.drive.server.write('/f.txt', 'THEIRS');
  await world.caughtUp();
  assert.equal((await settledNames()).length, 2);
  assert.equal(world.drive.server.text('/f.txt'), 'THEIRS');
});
