/** A folder's pin: what is below it, and what comes into it later (semantics: getxattr, setxattr). */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { FileSystemWorld } from '../../support/file-system-world.js';

let world: FileSystemWorld;

beforeEach(async () => {
  world = await FileSystemWorld.open();
  const { server } = world.drive;
  for (const path of ['/folder', '/folder/deep', '/other', '/other/tree']) server.makeFolder(path);
  for (const path of ['/folder/a', '/folder/deep/b', '/other/c', '/other/tree/d']) server.write(path, path);
  await world.caughtUp();
  await pin('/folder', '1');
  await become('/folder/deep/b', '1');
});
afterEach(() => world.close());

async function pin(path: string, text: string): Promise<void> {
  const value = Buffer.from(text);
  const node = await world.kernel.node(path);
  await world.kernel.call('setxattr', { node, name: 'user.odbfs.pin', value, create: false, replace: false });
}

async function pinOf(path: string): Promise<string> {
  const node = await world.kernel.node(path);
  return (await world.kernel.call('getxattr', { node, name: 'user.odbfs.pin' })).toString();
}

/** Folders are walked in the background. */
async function become(path: string, expected: string): Promise<void> {
  for (let turn = 0; turn < 1000 && (await pinOf(path)) !== expected; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(await pinOf(path), expected, path);
}

async function isKept(path: string): Promise<void> {
  await become(path, '1');
  const { id } = world.drive.server.item(world.drive.server.find(path)!);
  assert.ok(world.content.isPinned(id), `the cache keeps ${path}`);
}

test('all that is below a pinned folder is pinned, folders too', async () => {
  for (const path of ['/folder/a', '/folder/deep/b']) await isKept(path);
  await become('/folder/deep', '1');
  assert.equal(await pinOf('/other/c'), '0');
});

test('what is made in it is pinned', async () => {
  await world.kernel.writeFile('/folder/new', 'n');
  await world.kernel.mkdir('/folder/made');
  await world.kernel.writeFile('/folder/made/inner', 'i');
  await world.settled();
  for (const path of ['/folder/new', '/folder/made/inner']) await isKept(path);
});

test('what somebody else puts into it is pinned', async () => {
  world.drive.server.write('/folder/deep/theirs', 'x');
  await world.caughtUp();
  await isKept('/folder/deep/theirs');
});

test('what is moved into it is pinned, with all that is below', async () => {
  await world.kernel.rename('/other/c', '/folder/c');
  await world.kernel.rename('/other/tree', '/folder/tree');
  await world.settled();
  for (const path of ['/folder/c', '/folder/tree/d']) await isKept(path);
});

test('what somebody else moves into it is pinned, and what leaves it stays so', async () => {
  world.drive.server.move('/other/c', '/folder/c');
  world.drive.server.move('/folder/a', '/other/a');
  await world.caughtUp();
  for (const path of ['/folder/c', '/other/a']) await isKept(path);
});

test('a file that was taken out of the pin stays out when it is saved; nothing new is pinned after unpin', async () => {
  await pin('/folder/a', '0');
  await world.kernel.writeFile('/folder/a', 'saved');
  await world.settled();
  assert.equal(await pinOf('/folder/a'), '0');
  await pin('/folder', '0');
  await become('/folder/deep/b', '0');
  world.drive.server.write('/folder/deep/late', 'x');
  await world.caughtUp();
  assert.equal(await pinOf('/folder/deep/late'), '0');
});
