/** What the kernel may remember of a folder: until any name changes, whoever changes it. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FileSystemWorld } from '../../support/file-system-world.js';

let world: FileSystemWorld;

beforeEach(async () => {
  world = await FileSystemWorld.open();
  world.drive.server.makeFolder('/d');
  for (let file = 0; file < 700; file += 1) world.drive.server.write(`/d/f${file}`, 'x');
  await followed();
});
afterEach(() => world.close());

/** The whole tree is known. */
async function followed(): Promise<void> {
  while (!world.tree.statistics.complete) await nextTurn();
  await world.caughtUp();
}

/** Opens the folder, reads it to its end, closes it; what the kernel was told at open. */
async function read(): Promise<{ mayCache: boolean; keepCache: boolean }> {
  const node = await world.kernel.node('/d');
  const { handle, mayCache, keepCache } = await world.kernel.call('opendir', { node });
  for (let cookie = 0; ; ) {
    const reader = await world.kernel.call('readdir', { node, handle, offset: cookie });
    const before = cookie;
    while (reader.at(cookie) !== undefined) cookie += 1;
    if (cookie === before) break;
  }
  await world.kernel.call('releasedir', { node, handle });
  return { mayCache, keepCache };
}

test('a listing that was read whole is right until a name changes', async () => {
  assert.deepEqual(await read(), { mayCache: true, keepCache: false });
  assert.deepEqual(await read(), { mayCache: true, keepCache: true });
  assert.deepEqual(await read(), { mayCache: true, keepCache: true });
  await world.kernel.writeFile('/d/new', 'x');
  assert.equal((await read()).keepCache, false);
  assert.equal((await read()).keepCache, true);
  world.drive.server.remove('/d/f3');
  await world.caughtUp();
  assert.equal((await read()).keepCache, false);
  assert.equal((await read()).keepCache, true);
  world.drive.server.write('/d/f4', 'another content under the same name');
  await world.caughtUp();
  assert.equal((await read()).keepCache, true);
});

test('what two readers mixed, or one did not finish, is not kept', async () => {
  const node = await world.kernel.node('/d');
  const first = await world.kernel.call('opendir', { node });
  await world.kernel.call('readdir', { node, handle: first.handle, offset: 0 });
  await read();
  await world.kernel.call('releasedir', { node, handle: first.handle });
  assert.equal((await read()).keepCache, false);
  assert.equal((await read()).keepCache, true);
});

test('where the tree is not followed, the kernel remembers no listing', async () => {
  await world.close();
  world = await FileSystemWorld.open({ follow: false });
  world.drive.server.makeFolder('/d');
  assert.deepEqual(await read(), { mayCache: false, keepCache: false });
});
