/** Somebody moves or changes what we are at, and we hear of that before the answer to what we did before. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { FileSystemWorld } from '../../support/file-system-world.js';

let world: FileSystemWorld;

beforeEach(async () => {
  world = await FileSystemWorld.open();
  const { server } = world.drive;
  for (const folder of ['/here', '/there']) server.makeFolder(folder);
  server.write('/here/f', 'ours');
  await world.followed();
  await world.caughtUp();
});
afterEach(() => world.close());

/** The node at `path` is told a time. */
async function tellTime({ kernel }: FileSystemWorld, path: string): Promise<void> {
  const changes = { modified: { seconds: 1_600_000_000, nanoseconds: 0 }, killPrivileges: false };
  await kernel.call('setattr', { node: await kernel.node(path), handle: null, changes });
}

/** As the server does with documents, whose times stay: its own mark comes behind what was written. */
function rewrite(path: string, text: string): void {
  const { server } = world.drive;
  server.write(path, `${text}<!-- rewritten -->`, server.find(path)!.modifiedMs);
}

/** What happens just before the server is told the first time. */
function beforeTime(act: () => Promise<void>): void {
  let isFirst = true;
  world.drive.beforeCall = async ({ name }) => {
    if (name !== 'setModified' || !isFirst) return;
    isFirst = false;
    await act();
  };
}

const STEPS: Record<string, (world: FileSystemWorld) => Promise<unknown>> = {
  setModified: (at) => tellTime(at, '/here/f'),
  move: ({ kernel }) => kernel.rename('/here/f', '/here/g'),
  upload: ({ kernel }) => kernel.writeFile('/here/f', 'ours, and more'),
};

/** What somebody else does between the first such step and its answer. */
function meanwhile(step: string, act: () => void): void {
  let isFirst = true;
  world.drive.afterCall = async ({ name }) => {
    if (name !== step || !isFirst) return;
    isFirst = false;
    act();
    await world.caughtUp();
  };
}

for (const [step, act] of Object.entries(STEPS)) {
  const path = step === 'move' ? '/here/g' : '/here/f';

  test(`what is newer than the answer is shown: ${step}`, async () => {
    const { drive, kernel } = world;
    meanwhile(step, () => void drive.server.write(path, 'theirs, and later'));
    await act(world);
    await world.settled();
    await world.caughtUp();
    assert.equal((await kernel.stat(path)).size, 17);
    assert.equal(await kernel.readFile(path), 'theirs, and later');
    assert.equal(drive.server.text(path), 'theirs, and later');
  });

  test(`both are shown where they are: ${step}`, async () => {
    const { drive, kernel } = world;
    meanwhile(step, () => {
      drive.server.move(path, '/there/taken');
      drive.server.write(path, 'theirs');
    });
    await act(world);
    await world.settled();
    await world.caughtUp();
    assert.deepEqual(await kernel.list('/there'), ['taken']);
    assert.deepEqual(await kernel.list('/here'), [path.slice('/here/'.length)]);
    assert.equal(await kernel.readFile('/there/taken'), step === 'upload' ? 'ours, and more' : 'ours');
    assert.equal(await kernel.readFile(path), 'theirs');
    assert.equal(drive.server.text(path), 'theirs');
  });
}

test('a new file that somebody has changed before we hear that it is there', async () => {
  const { drive, kernel } = world;
  meanwhile('upload', () => void drive.server.write('/here/new', 'theirs'));
  await kernel.writeFile('/here/new', 'born here');
  await world.settled();
  await world.caughtUp();
  assert.equal(await kernel.readFile('/here/new'), 'theirs');
});

test('a folder that somebody moves on, with another one in its place', async () => {
  const { drive, kernel } = world;
  meanwhile('move', () => {
    drive.server.move('/moved', '/there/on');
    drive.server.makeFolder('/moved');
  });
  await kernel.rename('/here', '/moved');
  await world.settled();
  await world.caughtUp();
  assert.deepEqual(await kernel.list('/there'), ['on']);
  assert.deepEqual(await kernel.list('/there/on'), ['f']);
  assert.deepEqual(await kernel.list('/moved'), []);
});

test('a document that the server has rewritten by then is what was written here', async () => {
  const { kernel } = world;
  for (const text of ['ours', 'ours, and more']) {
    const path = '/here/f.docx';
    meanwhile('upload', () => rewrite(path, text));
    await kernel.writeFile(path, text);
    await world.settled();
    await world.caughtUp();
    assert.equal((await kernel.stat(path)).size, text.length);
    assert.equal(await kernel.readFile(path), text);
  }
  assert.deepEqual(await kernel.list('/here'), ['f', 'f.docx']);
});

for (const order of ['before', 'after']) {
  test(`a document that the server rewrites ${order} it is told a time, of which we hear before the answer`, async () => {
    const { kernel } = world;
    const path = '/here/f.docx';
    await kernel.writeFile(path, 'ours');
    await world.settled();
    if (order === 'before') rewrite(path, 'ours');
    await world.caughtUp();
    meanwhile('setModified', () => {});
    await tellTime(world, path);
    await world.settled();
    if (order === 'after') rewrite(path, 'ours');
    await world.caughtUp();
    assert.equal((await kernel.stat(path)).size, 4);
    assert.equal(await kernel.readFile(path), 'ours');
  });
}

test('a document that the server has rewritten, and that is written on while it is told a time, is no conflict', async () => {
  const { drive, kernel } = world;
  const path = '/here/f.docx';
  await kernel.writeFile(path, 'ours');
  await world.settled();
  beforeTime(async () => {
    rewrite(path, 'ours');
    const file = await kernel.open(path, { access: 'read-write' });
    await kernel.write(file, 4, ' and more');
    await kernel.close(file);
  });
  await tellTime(world, path);
  await world.settled();
  await world.caughtUp();
  assert.deepEqual(await kernel.list('/here'), ['f', 'f.docx']);
  assert.equal(await kernel.readFile(path), 'ours and more');
  assert.equal(drive.server.text(path), 'ours and more');
});

test('a document whose rewriting is told of while it is told a time is what was written here', async () => {
  const { kernel } = world;
  const path = '/here/f.docx';
  await kernel.writeFile(path, 'ours');
  await world.settled();
  beforeTime(async () => {
    rewrite(path, 'ours');
    await world.caughtUp();
  });
  await tellTime(world, path);
  await world.settled();
  await world.caughtUp();
  assert.equal((await kernel.stat(path)).size, 4);
  assert.equal(await kernel.readFile(path), 'ours');
});
