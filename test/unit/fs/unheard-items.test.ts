/** Moves are owed, and the cache was thrown away: what was moved is shown as it is, though nobody has read the tree yet. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { DriveError } from '../../../src/drive/index.js';
import { FsError, ROOT_NODE } from '../../../src/fs/index.js';
import { FileSystemWorld } from '../../support/file-system-world.js';

let world: FileSystemWorld;
const refused = (error: unknown) => error instanceof FsError && error.errno === 'ENETUNREACH';

beforeEach(async () => {
  world = await FileSystemWorld.open({ follow: false });
  const { server } = world.drive;
  for (const folder of ['/d', '/d/e']) server.makeFolder(folder);
  for (const file of ['/d/e/f', '/d/e/g']) server.write(file, Buffer.from(file));
});
afterEach(() => world.close());

async function moveAndForget(): Promise<void> {
  await world.kernel.rename('/d/e', '/moved');
  await world.kernel.rename('/moved/f', '/file');
  world.drive.beforeCall = async ({ name }) => {
    if (name === 'move') throw new DriveError('unreachable', 'not now');
  };
  await world.restart({ withoutCache: true });
}

test('a file has its size and its bytes', async () => {
  await moveAndForget();
  assert.equal((await world.kernel.stat('/file')).size, '/d/e/f'.length);
  assert.equal(await world.kernel.readFile('/file'), '/d/e/f');
});

test('a folder has what is in it', async () => {
  await moveAndForget();
  assert.deepEqual(await world.kernel.list('/moved'), ['g']);
  assert.equal(await world.kernel.readFile('/moved/g'), '/d/e/g');
  await world.kernel.writeFile('/moved/new', 'new');
  world.drive.beforeCall = async () => undefined;
  await world.settled();
  assert.equal(world.drive.server.text('/moved/new'), 'new');
  assert.equal(world.drive.server.text('/file'), '/d/e/f');
});

test('a listing of the folder that it is in tells its name, and nothing that nobody knows', async () => {
  await moveAndForget();
  const { handle } = await world.kernel.call('opendir', { node: ROOT_NODE });
  const reader = await world.kernel.call('readdir', { node: ROOT_NODE, handle, offset: 0 });
  const told = new Map<string, number | undefined>();
  for (let cookie = 2, entry = reader.at(cookie); entry !== undefined; entry = reader.at(cookie)) {
    told.set(entry.name, reader.lookUp(cookie)?.attributes.size);
    cookie += 1;
  }
  assert.deepEqual([...told.keys()].sort(), ['d', 'file', 'moved']);
  assert.equal(told.get('file'), undefined);
  await world.kernel.call('releasedir', { node: ROOT_NODE, handle });
});

test('what nobody can be asked about is no empty file, and no empty folder', async () => {
  await moveAndForget();
  world.drive.beforeCall = () => Promise.reject(new DriveError('unreachable', 'no network'));
  await assert.rejects(world.kernel.stat('/file'), refused);
  await assert.rejects(world.kernel.list('/moved'), refused);
});
