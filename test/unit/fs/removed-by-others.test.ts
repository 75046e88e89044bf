/** SEMANTICS, Consistency: "Replacing a file that was removed remotely creates it again." Where it was, also in folders. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DriveError } from '../../../src/drive/index.js';
import { FileSystemWorld } from '../../support/file-system-world.js';

let world: FileSystemWorld;

beforeEach(async () => {
  world = await FileSystemWorld.open();
  for (const path of ['/top', '/top/d']) world.drive.server.makeFolder(path);
  world.drive.server.write('/top/d/f', 'old');
  await world.caughtUp();
  await world.kernel.writeFile('/top/d/f', 'mine');
});
afterEach(() => world.close());

async function settledTree(): Promise<Record<string, string>> {
  await world.settled();
  await world.caughtUp();
  const files = world.drive.server.all().filter(({ kind }) => kind === 'file');
  return Object.fromEntries(files.map(({ path, content }) => [path, Buffer.from(content).toString()]));
}

test('a file that somebody removed is made again in its folder', async () => {
  world.drive.server.remove('/top/d/f');
  await world.caughtUp();
  assert.deepEqual(await settledTree(), { '/top/d/f': 'mine' });
  assert.equal(await world.kernel.readFile('/top/d/f').then(String), 'mine');
});

test('the same where its removal is found when it is sent', async () => {
  world.drive.server.remove('/top/d/f');
  assert.deepEqual(await settledTree(), { '/top/d/f': 'mine' });
});

test('the same after a restart', async () => {
  await world.restart();
  world.drive.server.remove('/top/d/f');
  await world.caughtUp();
  assert.deepEqual(await settledTree(), { '/top/d/f': 'mine' });
});

test('removed with its folder, it is made again with that', async () => {
  world.drive.server.remove('/top/d');
  await world.caughtUp();
  assert.deepEqual(await settledTree(), { '/top/d/f': 'mine' });
});

test('moved by somebody and removed there, it is made again there', async () => {
  const { server } = world.drive;
  for (const path of ['/other', '/other/e']) server.makeFolder(path);
  server.move('/top/d/f', '/other/e/g');
  await world.caughtUp();
  server.remove('/other/e/g');
  await world.caughtUp();
  assert.deepEqual(await settledTree(), { '/other/e/g': 'mine' });
});

/** Once the server has refused the move because of what others did: what is written while it is asked about that. */
async function writeWhileItAsks(): Promise<void> {
  let hasRefused = false;
  let isWritten = false;
  world.drive.beforeCall = async ({ name }) => {
    hasRefused ||= name === 'move';
    if (name !== 'stat' || !hasRefused || isWritten) return;
    isWritten = true;
    const file = await world.kernel.open('/top/d/g', { access: 'read-write' });
    await world.kernel.write(file, 4, ' and more');
    await world.kernel.close(file);
  };
  await world.settled();
  assert.ok(isWritten);
}

test('what is written while a removed file is looked for is sent with the rest', async () => {
  await world.kernel.rename('/top/d/f', '/top/d/g');
  world.drive.server.remove('/top/d/f');
  await writeWhileItAsks();
  assert.deepEqual(await settledTree(), { '/top/d/g': 'mine and more' });
});

test('the same while it is looked at what stands in its way', async () => {
  await world.kernel.rename('/top/d/f', '/top/d/g');
  world.drive.server.write('/top/d/g', 'theirs');
  await writeWhileItAsks();
  const texts = Object.values(await settledTree()).sort();
  assert.deepEqual(texts, ['mine and more', 'theirs']);
});

/** The first name in a folder that was looked up before. */
async function firstIn(node: number): Promise<string | undefined> {
  const { handle } = await world.kernel.call('opendir', { node });
  const reader = await world.kernel.call('readdir', { node, handle, offset: 2 });
  const name = reader.at(2)?.name;
  await world.kernel.call('releasedir', { node, handle });
  return name;
}

/** What is in `folder` whenever the server is about to be asked to make one. */
async function seenWhileMadeAgain(folder: string): Promise<(string | undefined)[]> {
  const node = await world.kernel.node(folder);
  const seen: (string | undefined)[] = [];
  world.drive.beforeCall = async ({ name }) => {
    if (name === 'makeDirectory') seen.push(await firstIn(node));
  };
  await world.settled();
  return seen;
}

test('a folder that was made here: what is owed in it is shown, at every depth, when somebody has removed it', async () => {
  for (const path of ['/top/b', '/top/b/c', '/top/b/c/d']) await world.kernel.mkdir(path);
  await world.settled();
  await world.kernel.writeFile('/top/b/f', 'f');
  await world.kernel.writeFile('/top/b/c/d/g', 'g');
  world.drive.beforeCall = ({ name }) => {
    if (name === 'makeDirectory') throw new DriveError('unreachable', 'the line is bad');
  };
  const taken = world.drive.server.takeAway('/top/b');
  await world.caughtUp();
  // What was below is told of little by little.
  for (let turn = 0; turn < 200; turn += 1) await nextTurn();
  assert.deepEqual(await world.kernel.list('/top/b'), ['c', 'f']);
  assert.deepEqual(await world.kernel.list('/top/b/c'), ['d']);
  assert.deepEqual(await world.kernel.list('/top/b/c/d'), ['g']);
  world.drive.server.bringBack(taken, '/top/e');
  await world.caughtUp();
  assert.deepEqual(await world.kernel.list('/top'), ['d', 'e']);
  assert.deepEqual(await world.kernel.list('/top/e/c/d'), ['g']);
  world.drive.beforeCall = () => {};
  assert.deepEqual(await settledTree(), { '/top/d/f': 'mine', '/top/e/c/d/g': 'g', '/top/e/f': 'f' });
});

test('what was written into a moved folder is shown while the folder, which somebody removed, is made again', async () => {
  for (const path of ['/old', '/old/e']) world.drive.server.makeFolder(path);
  await world.caughtUp();
  await world.kernel.rename('/old/e', '/top/e');
  await world.kernel.writeFile('/top/e/f', 'mine');
  world.drive.server.remove('/old');
  const seen = await seenWhileMadeAgain('/top/e');
  assert.deepEqual([...new Set(seen)], ['f']);
  assert.deepEqual(await settledTree(), { '/top/d/f': 'mine', '/top/e/f': 'mine' });
});

test('the same for a folder that nothing but what is in it is owed for', async () => {
  world.drive.server.remove('/top/d');
  const seen = await seenWhileMadeAgain('/top/d');
  assert.deepEqual([...new Set(seen)], ['f']);
});

test('the same while its move, which will be refused, is under way', async () => {
  for (const path of ['/old', '/old/e']) world.drive.server.makeFolder(path);
  await world.caughtUp();
  await world.kernel.rename('/old/e', '/top/e');
  await world.kernel.writeFile('/top/e/f', 'mine');
  const node = await world.kernel.node('/top/e');
  const seen: (string | undefined)[] = [];
  world.drive.beforeCall = async ({ name }) => {
    if (name !== 'move') return;
    world.drive.beforeCall = () => undefined;
    world.drive.server.remove('/old');
    await world.caughtUp();
    seen.push(await firstIn(node));
    await world.kernel.writeFile('/top/e/g', 'more');
  };
  assert.deepEqual(await settledTree(), { '/top/d/f': 'mine', '/top/e/f': 'mine', '/top/e/g': 'more' });
  assert.deepEqual(seen, ['f']);
});

test('who reads one file after another beside a folder that is gone by now, reads on', async () => {
  const { server } = world.drive;
  const names = ['a', 'b', 'c', 'd'];
  server.makeFolder('/read');
  for (const name of names) server.write(`/read/${name}`, name);
  server.makeFolder('/then');
  await world.followed();
  await world.caughtUp();
  for (const folder of ['/', '/read']) await world.kernel.list(folder);
  server.remove('/then');
  await world.caughtUp();
  for (const name of names) assert.equal(await world.kernel.readFile(`/read/${name}`), name);
});
