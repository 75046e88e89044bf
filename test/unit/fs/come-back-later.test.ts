/**
 * What somebody removed was made again here for what was owed, and comes back afterwards: out of the recycle bin, or it had only
 * been moved to where nobody had looked. From then on there are two, and nothing of one is taken for the other's.
 */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { DriveError } from '../../../src/drive/index.js';
import { FileSystemWorld } from '../../support/file-system-world.js';

let world: FileSystemWorld;

beforeEach(async () => {
  world = await FileSystemWorld.open();
  const { server } = world.drive;
  for (const path of ['/top', '/top/d']) server.makeFolder(path);
  server.write('/top/d/theirs', 'x');
  server.write('/top/f', 'old');
  await world.followed();
  await world.caughtUp();
});
afterEach(() => world.close());

/** What is owed is there, and what was removed comes back elsewhere. */
async function comesBack(removed: string, to: string, isRestarted: boolean): Promise<void> {
  const taken = world.drive.server.takeAway(removed);
  await world.caughtUp();
  await world.settled();
  if (isRestarted) await world.restart();
  world.drive.server.bringBack(taken, to);
  await world.caughtUp();
}

const inoOf = async (path: string) => (await world.kernel.stat(path)).ino;

for (const isRestarted of [false, true]) {
  const when = isRestarted ? 'after a restart' : 'at once';

  test(`a file that comes back ${when} is another one than what was made in its place`, async () => {
    await world.kernel.writeFile('/top/f', 'mine');
    await comesBack('/top/f', '/top/back', isRestarted);
    assert.notEqual(await inoOf('/top/back'), await inoOf('/top/f'));
    assert.deepEqual(
      [await world.kernel.readFile('/top/f'), await world.kernel.readFile('/top/back')].map(String),
      ['mine', 'old'],
    );
    await world.kernel.writeFile('/top/back', 'written since');
    await world.settled();
    const { server } = world.drive;
    assert.deepEqual([server.text('/top/f'), server.text('/top/back')], ['mine', 'written since']);
  });

  test(`a folder that comes back ${when} shows nothing of the one that was made for what was owed in it`, async () => {
    await world.kernel.writeFile('/top/d/mine', 'm');
    await comesBack('/top/d', '/top/d/back', isRestarted);
    assert.notEqual(await inoOf('/top/d/back'), await inoOf('/top/d'));
    await world.kernel.writeFile('/top/d/new', 'n');
    assert.deepEqual(await world.kernel.list('/top/d'), ['back', 'mine', 'new']);
    assert.deepEqual(await world.kernel.list('/top/d/back'), ['theirs']);
    await world.settled();
    const files = world.drive.server.all().filter(({ kind }) => kind === 'file');
    assert.deepEqual(files.map(({ path }) => path).sort(), [
      '/top/d/back/theirs',
      '/top/d/mine',
      '/top/d/new',
      '/top/f',
    ]);
  });
}

test('what came back stays another one when the second one is removed and made again as well', async () => {
  await world.kernel.writeFile('/top/d/mine', 'm');
  await comesBack('/top/d', '/top/back', false);
  world.drive.beforeCall = ({ name }) => {
    if (name === 'makeDirectory') throw new DriveError('unreachable', 'the line is bad');
  };
  await world.kernel.writeFile('/top/d/more', 'm');
  world.drive.server.remove('/top/d');
  await world.caughtUp();
  assert.notEqual(await inoOf('/top/back'), await inoOf('/top/d'));
  await world.kernel.writeFile('/top/back/new', 'n');
  assert.deepEqual(await world.kernel.list('/top/back'), ['new', 'theirs']);
  world.drive.beforeCall = () => {};
  await world.settled();
  const files = world.drive.server.all().filter(({ kind }) => kind === 'file');
  assert.deepEqual(files.map(({ path }) => path).sort(), [
    '/top/back/new',
    '/top/back/theirs',
    '/top/d/more',
    '/top/f',
  ]);
});
