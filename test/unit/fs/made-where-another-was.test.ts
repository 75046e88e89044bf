/** A front end that lags behind shows the folder that was removed instead of the one that was made in its place. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { DriveItem } from '../../../src/drive/index.js';
import { FileSystemWorld } from '../../support/file-system-world.js';

let world: FileSystemWorld;

beforeEach(async () => {
  world = await FileSystemWorld.open();
});
afterEach(() => world.close());

/** What the drive is told to be gone, when folders are made where these were. */
async function toldGone(...removed: readonly DriveItem[]): Promise<boolean[]> {
  const told = new Map<string, boolean>();
  const make = world.drive.makeDirectory.bind(world.drive);
  world.drive.makeDirectory = (path, options) => {
    for (const { id, name } of removed)
      if (path.endsWith(`/${name}`)) told.set(name, options.isGone?.(id) === true);
    return make(path, options);
  };
  await world.kernel.mkdir('/d');
  await world.kernel.mkdir('/d/e');
  await world.settled();
  return removed.map(({ name }) => told.get(name) === true);
}

function itemsThere(): DriveItem[] {
  const { server } = world.drive;
  return ['/d', '/d/e'].map((path) => server.item(server.find(path)!));
}

test('what was removed here is known to be gone, whoever had made it', async () => {
  world.drive.server.makeFolder('/d');
  await world.caughtUp();
  await world.kernel.mkdir('/d/e');
  await world.settled();
  const there = itemsThere();
  await world.kernel.rmdir('/d/e');
  await world.kernel.rmdir('/d');
  await world.settled();
  assert.deepEqual(await toldGone(...there), [true, true]);
});
