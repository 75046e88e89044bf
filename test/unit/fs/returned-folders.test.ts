/**
 * A folder that somebody removed is made again for what is owed in it. Where it comes back first, or another one comes to its place,
 * the two are one at once: the one that is to be made hides nothing of what came.
 */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DriveError } from '../../../src/drive/index.js';
import { FileSystemWorld } from '../../support/file-system-world.js';

let world: FileSystemWorld;

beforeEach(async () => {
  world = await FileSystemWorld.open();
  const { server } = world.drive;
  for (const path of ['/top', '/top/d', '/top/d/e', '/other']) server.makeFolder(path);
  server.write('/top/d/theirs', 'x');
  server.write('/top/d/e/theirs', 'x');
  server.write('/other/another', 'x');
  await world.followed();
  await world.caughtUp();
});
afterEach(() => world.close());

/** The files of the server, once it has everything; nothing is ever owed twice. */
async function settledFiles(): Promise<string[]> {
  world.drive.beforeCall = () => {};
  await world.settled();
  await world.caughtUp();
  const { server } = world.drive;
  const files = server.all().filter(({ kind }) => kind === 'file');
  for (const { path } of files) assert.ok(await world.kernel.readFile(path), `${path} is to be seen`);
  return files.map(({ path }) => path).sort();
}

/** Nothing is sent until it is settled. */
async function removed(path: string) {
  world.drive.beforeCall = ({ name }) => {
    if (name === 'makeDirectory') throw new DriveError('unreachable', 'the line is bad');
  };
  const taken = world.drive.server.takeAway(path);
  await world.caughtUp();
  return taken;
}

/** What was below a removed folder is told of little by little. */
async function shows(folder: string, ...names: string[]): Promise<void> {
  const read = () => world.kernel.list(folder).catch(() => []);
  while ((await read()).length < names.length) await nextTurn();
  assert.deepEqual(await world.kernel.list(folder), names);
}

test('what is in a folder that comes back is to be seen before ours is sent', async () => {
  await world.kernel.writeFile('/top/d/mine', 'm');
  await world.kernel.writeFile('/top/d/e/mine', 'm');
  const taken = await removed('/top/d');
  await shows('/top/d', 'e', 'mine');
  world.drive.server.bringBack(taken, '/top/d');
  await world.caughtUp();
  assert.deepEqual(await world.kernel.list('/top/d'), ['e', 'mine', 'theirs']);
  assert.deepEqual(await world.kernel.list('/top/d/e'), ['mine', 'theirs']);
  const files = ['/other/another', '/top/d/e/mine', '/top/d/e/theirs', '/top/d/mine', '/top/d/theirs'];
  assert.deepEqual(await settledFiles(), files);
});

test('the same where it was born here', async () => {
  await world.kernel.mkdir('/top/b');
  await world.kernel.mkdir('/top/b/c');
  await world.settled();
  world.drive.server.write('/top/b/theirs', 'x');
  world.drive.server.write('/top/b/c/theirs', 'x');
  await world.kernel.writeFile('/top/b/c/mine', 'm');
  await world.caughtUp();
  const taken = await removed('/top/b');
  await shows('/top/b', 'c');
  world.drive.server.bringBack(taken, '/top/b');
  await world.caughtUp();
  assert.deepEqual(await world.kernel.list('/top/b'), ['c', 'theirs']);
  assert.deepEqual(await world.kernel.list('/top/b/c'), ['mine', 'theirs']);
  await settledFiles();
});

test('it comes back elsewhere: what is owed in it is there', async () => {
  await world.kernel.writeFile('/top/d/mine', 'm');
  const taken = await removed('/top/d');
  world.drive.server.bringBack(taken, '/top/f');
  await world.caughtUp();
  assert.deepEqual(await world.kernel.list('/top'), ['f']);
  assert.deepEqual(await world.kernel.list('/top/f'), ['e', 'mine', 'theirs']);
  assert.deepEqual(await settledFiles(), [
    '/other/another',
    '/top/f/e/theirs',
    '/top/f/mine',
    '/top/f/theirs',
  ]);
});

test('it was renamed here meanwhile: it goes there with all that came back', async () => {
  await world.kernel.writeFile('/top/d/mine', 'm');
  const taken = await removed('/top/d');
  await world.kernel.rename('/top/d', '/top/g');
  world.drive.server.bringBack(taken, '/top/f');
  await world.caughtUp();
  assert.deepEqual(await world.kernel.list('/top'), ['g']);
  assert.deepEqual(await world.kernel.list('/top/g'), ['e', 'mine', 'theirs']);
  const files = ['/other/another', '/top/g/e/theirs', '/top/g/mine', '/top/g/theirs'];
  assert.deepEqual(await settledFiles(), files);
});

test('another folder comes to its place, in which something is owed as well', async () => {
  for (const folder of ['/top/d', '/other']) {
    await world.kernel.writeFile(`${folder}/in${folder.replaceAll('/', '-')}`, 'm');
    await world.kernel.writeFile(`${folder}/both`, folder);
    await world.kernel.mkdir(`${folder}/new`);
    await world.kernel.writeFile(`${folder}/new/of${folder.replaceAll('/', '-')}`, 'm');
  }
  const node = await world.kernel.node('/other');
  await removed('/top/d');
  world.drive.server.move('/other', '/top/d');
  await world.caughtUp();
  const names = await world.kernel.list('/top/d');
  const copy = names.find((name) => name.startsWith('both (conflict'));
  assert.deepEqual(names, ['another', 'both', copy, 'in-other', 'in-top-d', 'new']);
  assert.deepEqual(await world.kernel.list('/top/d/new'), ['of-other', 'of-top-d']);
  const texts = [await world.kernel.readFile('/top/d/both'), await world.kernel.readFile(`/top/d/${copy}`)];
  assert.deepEqual(texts.map(String).sort(), ['/other', '/top/d']);
  assert.equal((await world.kernel.call('getattr', { node })).attributes.ino, await inoOf('/top/d'));
  const files = ['another', 'both', copy, 'in-other', 'in-top-d', 'new/of-other', 'new/of-top-d'];
  assert.deepEqual(
    await settledFiles(),
    files.map((name) => `/top/d/${name}`),
  );
});

async function inoOf(path: string) {
  const node = await world.kernel.node(path);
  return (await world.kernel.call('getattr', { node })).attributes.ino;
}

test('it comes back while ours is being made, in vain', async () => {
  await world.kernel.writeFile('/top/d/mine', 'm');
  const taken = world.drive.server.takeAway('/top/d');
  let isBack = false;
  world.drive.beforeCall = async ({ name }) => {
    if (name !== 'makeDirectory') return;
    if (!isBack) world.drive.server.bringBack(taken, '/top/d');
    isBack = true;
    await world.caughtUp();
    throw new DriveError('unreachable', 'the line is bad');
  };
  await world.caughtUp();
  await shows('/top/d', 'e', 'mine', 'theirs');
  assert.equal((await settledFiles()).length, 4);
});

/** While our first MKCOL is under way, and before the server has done it. */
function whileMaking(act: () => Promise<void>): void {
  let isDone = false;
  world.drive.beforeCall = async ({ name }) => {
    if (name !== 'makeDirectory' || isDone) return;
    isDone = true;
    await act();
  };
}

test('it comes back elsewhere while ours is being made: it is one folder, with what is owed in it', async () => {
  await world.kernel.writeFile('/top/d/mine', 'm');
  const taken = world.drive.server.takeAway('/top/d');
  whileMaking(async () => {
    world.drive.server.bringBack(taken, '/top/f');
    await world.caughtUp();
  });
  await world.caughtUp();
  await world.settled();
  await world.caughtUp();
  assert.deepEqual(await world.kernel.list('/top'), ['f']);
  const files = ['/other/another', '/top/f/e/theirs', '/top/f/mine', '/top/f/theirs'];
  assert.deepEqual(await settledFiles(), files);
  assert.equal(world.drive.server.find('/top/d'), undefined);
});

test('the same, and it was renamed here meanwhile', async () => {
  await world.kernel.writeFile('/top/d/mine', 'm');
  const taken = await removed('/top/d');
  await world.kernel.rename('/top/d', '/top/g');
  whileMaking(async () => {
    world.drive.server.bringBack(taken, '/top/f');
    await world.caughtUp();
  });
  await world.settled();
  await world.caughtUp();
  assert.deepEqual(await world.kernel.list('/top'), ['g']);
  const files = ['/other/another', '/top/g/e/theirs', '/top/g/mine', '/top/g/theirs'];
  assert.deepEqual(await settledFiles(), files);
  assert.equal(world.drive.server.find('/top/f'), undefined);
});

test('the same, and somebody has put something into ours by then: that stays', async () => {
  await world.kernel.writeFile('/top/d/mine', 'm');
  const taken = world.drive.server.takeAway('/top/d');
  whileMaking(async () => {
    world.drive.server.bringBack(taken, '/top/f');
    await world.caughtUp();
  });
  world.drive.afterCall = async ({ name }) => {
    if (name !== 'makeDirectory') return;
    world.drive.afterCall = async () => {};
    world.drive.server.write('/top/d/others', 'x');
  };
  await world.caughtUp();
  await world.settled();
  await world.caughtUp();
  assert.deepEqual(await world.kernel.list('/top'), ['d', 'f']);
  const files = ['/other/another', '/top/d/others', '/top/f/e/theirs', '/top/f/mine', '/top/f/theirs'];
  assert.deepEqual(await settledFiles(), files);
});

test('a folder that is made here and by somebody else is one', async () => {
  await world.kernel.mkdir('/top/n');
  await world.kernel.writeFile('/top/n/mine', 'm');
  world.drive.server.makeFolder('/top/n');
  world.drive.server.write('/top/n/theirs', 'x');
  await world.caughtUp();
  assert.deepEqual(await world.kernel.list('/top/n'), ['mine', 'theirs']);
  await settledFiles();
});

test('a folder that is removed and made again while it is on its way to the server is there in the end', async () => {
  let isDone = false;
  world.drive.afterCall = async ({ name }) => {
    if (name !== 'makeDirectory' || isDone) return;
    isDone = true;
    await world.kernel.rmdir('/again');
    await world.kernel.mkdir('/again');
    // The log tells of the first one.
    await world.caughtUp();
  };
  await world.kernel.mkdir('/again');
  await world.settled();
  await world.caughtUp();
  assert.ok(isDone);
  assert.ok(world.drive.server.find('/again'));
  assert.ok((await world.kernel.list('/')).includes('again'));
});
