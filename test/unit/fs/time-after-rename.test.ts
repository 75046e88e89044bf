/** SEMANTICS, setattr: what was set here is remembered over server-side renames, also where the server keeps its own time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FileSystemWorld } from '../../support/file-system-world.js';

const OLD = { seconds: 1_234_567_890, nanoseconds: 123_456_789 };

async function writtenHere(): Promise<FileSystemWorld> {
  const world = await FileSystemWorld.open();
  world.drive.setModified = (path) =>
    Promise.resolve(world.drive.server.item(world.drive.server.find(path)!));
  await world.kernel.writeFile('/f', 'mine');
  await world.kernel.call('setattr', {
    node: await world.kernel.node('/f'),
    handle: null,
    changes: { modified: OLD },
  });
  await world.settled();
  await world.caughtUp();
  assert.deepEqual((await world.kernel.stat('/f')).modified, OLD);
  return world;
}

test('a file that somebody renames keeps the time that was set here, over a restart as well', async (t) => {
  const world = await writtenHere();
  t.after(() => world.close());
  world.drive.server.move('/f', '/g');
  await world.caughtUp();
  assert.deepEqual((await world.kernel.stat('/g')).modified, OLD);
  await world.restart();
  assert.deepEqual((await world.kernel.stat('/g')).modified, OLD);
});

test('one that somebody edits has the time of that', async (t) => {
  const world = await writtenHere();
  t.after(() => world.close());
  world.drive.server.write('/f', 'their');
  await world.caughtUp();
  assert.notDeepEqual((await world.kernel.stat('/f')).modified, OLD);
});
