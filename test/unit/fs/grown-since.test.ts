/** The kernel reads no further than to the size that it was last told. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { FileSystemWorld } from '../../support/file-system-world.js';
import { READ_ONLY } from '../../support/kernel-double.js';

let world: FileSystemWorld;
beforeEach(async () => {
  world = await FileSystemWorld.open();
  world.drive.server.write('/a', 'short');
  await world.caughtUp();
});
afterEach(() => world.close());

const forgotten = () => world.kernel.notifications.filter((one) => one.startsWith('attributes now'));

test('who opens another version has the kernel forget the size of the one before', async () => {
  const { node } = await world.kernel.entry('/a');
  world.drive.server.write('/a', 'no longer short');
  await world.caughtUp();
  const open = () => world.kernel.call('open', { node, flags: READ_ONLY });
  const { handle } = await open();
  assert.deepEqual(forgotten(), [`attributes now ${node}`]);
  await world.kernel.call('getattr', { node, handle: null });
  const { handle: other } = await open();
  assert.equal(forgotten().length, 1, 'once it was told there is nothing to forget');
  for (const one of [handle, other]) await world.kernel.close({ node, handle: one });
});

test('a file of the size that was told is opened without more ado', async () => {
  await world.kernel.readFile('/a');
  await world.kernel.writeFile('/b', 'new');
  await world.kernel.readFile('/b');
  assert.deepEqual(forgotten(), []);
});
