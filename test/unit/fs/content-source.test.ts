/** Files whose folder moves between the question for them and its answer. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { FsError } from '../../../src/fs/index.js';
import { FileSystemWorld } from '../../support/file-system-world.js';

let world: FileSystemWorld;

beforeEach(async () => {
  world = await FileSystemWorld.open();
  world.drive.server.makeFolder('/a');
  world.drive.server.write('/a/f', Buffer.from('its bytes'));
  await world.caughtUp();
});
afterEach(() => world.close());

test('a file is read while the server has its folder elsewhere already and we do not know yet', async () => {
  const file = await world.kernel.open('/a/f');
  await world.kernel.rename('/a', '/b');
  let answer = () => {};
  const moved = new Promise<void>((resolve) => {
    world.drive.afterCall = async ({ name }) => {
      if (name !== 'move') return;
      resolve();
      await new Promise<void>((go) => {
        answer = go;
      });
    };
  });
  world.spool.hurry();
  await moved;
  world.drive.afterCall = ({ name }) => {
    if (name === 'read') answer();
  };
  const asked = () => world.drive.calls.filter(({ name }) => name === 'read').map(({ path }) => path);
  const reading = world.kernel.read(file, 0, 100);
  while (asked().length === 0) await new Promise((resolve) => setImmediate(resolve));
  answer();
  assert.equal((await reading).toString(), 'its bytes');
  assert.deepEqual(asked(), ['/a/f', '/b/f']);
});

test('a file is read whose folder somebody else moved a moment ago', async () => {
  const file = await world.kernel.open('/a/f');
  world.drive.server.move('/a', '/c');
  assert.equal((await world.kernel.read(file, 0, 100)).toString(), 'its bytes');
});

test('a file that somebody removed meanwhile is stale after one more look', async () => {
  const file = await world.kernel.open('/a/f');
  world.drive.server.remove('/a/f');
  await assert.rejects(world.kernel.read(file, 0, 100), (error) => {
    assert.ok(error instanceof FsError);
    assert.equal(error.errno, 'ESTALE');
    return true;
  });
  assert.equal(world.drive.calls.filter(({ name }) => name === 'read').length, 1);
});
