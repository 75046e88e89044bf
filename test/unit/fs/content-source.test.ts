/** Files whose folder moves between the question for them and its answer. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { DriveError } from '../../../src/drive/index.js';
import { FsError } from '../../../src/fs/index.js';
import { FileSystemWorld } from '../../support/file-system-world.js';

/** Too many to be fetched by the open. */
const BYTES = Buffer.alloc(1100 * 1024, 'its bytes ');
let world: FileSystemWorld;

beforeEach(async () => {
  world = await FileSystemWorld.open();
  world.drive.server.makeFolder('/a');
  world.drive.server.write('/a/f', BYTES);
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
  const reading = world.kernel.read(file, 0, 9);
  while (asked().length === 0) await new Promise((resolve) => setImmediate(resolve));
  answer();
  assert.equal((await reading).toString(), 'its bytes');
  assert.deepEqual(asked(), ['/a/f', '/b/f']);
});

test('a file is read whose folder somebody else moved a moment ago', async () => {
  const file = await world.kernel.open('/a/f');
  world.drive.server.move('/a', '/c');
  assert.equal((await world.kernel.read(file, 0, 9)).toString(), 'its bytes');
});

test('a file that somebody removed meanwhile is stale after one more look', async () => {
  const file = await world.kernel.open('/a/f');
  world.drive.server.remove('/a/f');
  await assert.rejects(world.kernel.read(file, 0, 9), (error) => {
    assert.ok(error instanceof FsError);
    assert.equal(error.errno, 'ESTALE');
    return true;
  });
  assert.equal(world.drive.calls.filter(({ name }) => name === 'read').length, 1);
});

test('a file that the server does not serve yet, but tells of, is asked for again', async () => {
  const file = await world.kernel.open('/a/f');
  let isServed = false;
  world.drive.beforeCall = ({ name }) => {
    if (name === 'stat') isServed = true;
    if (name === 'read' && !isServed) throw new DriveError('absent', 'not shown yet');
  };
  assert.equal((await world.kernel.read(file, 0, 9)).toString(), 'its bytes');
});

test('a file that some front ends do not show for a second is read', async () => {
  const file = await world.kernel.open('/a/f');
  const shownAtMs = performance.now() + 1_000;
  world.drive.beforeCall = ({ name }) => {
    if (name === 'read' && performance.now() < shownAtMs) throw new DriveError('absent', 'not shown yet');
  };
  assert.equal((await world.kernel.read(file, 0, 9)).toString(), 'its bytes');
});

test('a file that the server tells of and never serves is asked for a few times only', async () => {
  const file = await world.kernel.open('/a/f');
  world.drive.beforeCall = ({ name }) => {
    if (name === 'read') throw new DriveError('absent', 'not here');
  };
  await assert.rejects(world.kernel.read(file, 0, 9), FsError);
  assert.equal(world.drive.count('read'), 9);
});
