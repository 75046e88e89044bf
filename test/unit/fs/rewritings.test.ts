/** Somebody edits a document just after we sent it: not to be taken for the server's own rewriting (protocol notes 2.7). */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { FileSystemWorld } from '../../support/file-system-world.js';
import { archive } from '../../support/zip-archive.js';

let world: FileSystemWorld;
beforeEach(async () => {
  world = await FileSystemWorld.open();
  await world.kernel.writeFile('/f.docx', 'as written');
  await world.settled();
});
afterEach(() => world.close());

const edit = () => world.drive.server.write('/f.docx', 'somebody wrote this');

/** Lets what is looked at in the background end. */
async function looked(): Promise<void> {
  await world.caughtUp();
  const { id } = world.drive.server.item(world.drive.server.find('/f.docx')!);
  await world.fs.rewritings.settled(world.fs.namespace.inoOf(id));
}

test('it is shown', async () => {
  edit();
  await looked();
  assert.equal(await world.kernel.readFile('/f.docx'), 'somebody wrote this');
  assert.equal((await world.kernel.stat('/f.docx')).size, 19);
});

test('what we write meanwhile is a conflict', async () => {
  edit();
  await world.caughtUp();
  await world.kernel.writeFile('/f.docx', 'second save');
  await world.settled();
  assert.equal(world.drive.server.text('/f.docx'), 'somebody wrote this');
  const names = await world.kernel.list('/');
  assert.equal(names.length, 2, names.join());
  const copy = names.find((name) => name !== 'f.docx');
  assert.equal(await world.kernel.readFile(`/${copy}`), 'second save');
});

test('what we wrote before it came is a conflict, too', async () => {
  world.drive.beforeCall = async ({ name }) => {
    if (name === 'upload') throw new Error('the network is down');
  };
  await world.kernel.writeFile('/f.docx', 'second save');
  edit();
  await world.caughtUp();
  world.drive.beforeCall = () => undefined;
  await world.settled();
  assert.equal(world.drive.server.text('/f.docx'), 'somebody wrote this');
  assert.equal((await world.kernel.list('/')).length, 2);
});

test('it outlives its removal here', async () => {
  edit();
  await world.caughtUp();
  await world.kernel.unlink('/f.docx');
  await world.settled();
  assert.equal(world.drive.server.text('/f.docx'), 'somebody wrote this');
});

test('what the server has made of ours is looked at once', async () => {
  world.drive.server.write('/f.docx', 'as written + properties');
  world.drive.calls.length = 0;
  await looked();
  assert.equal(world.drive.calls.filter(({ name }) => name === 'read').length, 1);
  assert.equal(await world.kernel.readFile('/f.docx'), 'as written');
  await world.kernel.writeFile('/f.docx', 'second save');
  await world.settled();
  assert.equal(world.drive.server.text('/f.docx'), 'second save');
  assert.deepEqual(await world.kernel.list('/'), ['f.docx']);
});

test('where it cannot be looked at, the server is believed', async () => {
  world.drive.server.write('/f.docx', 'as written + properties');
  world.drive.beforeCall = async ({ name }) => {
    if (name === 'read') throw new Error('the network is down');
  };
  await looked();
  assert.equal(await world.kernel.readFile('/f.docx'), 'as written');
});

test('over a restart, what the server has made of ours is not an edit, and an edit is none of the server', async () => {
  await world.restart();
  world.drive.server.write('/f.docx', 'as written + properties');
  await looked();
  assert.equal((await world.kernel.stat('/f.docx')).size, 10);
  assert.equal(await world.kernel.readFile('/f.docx'), 'as written');
  await world.restart();
  world.drive.server.write('/f.docx', 'as written + properties, and more');
  await looked();
  assert.equal(await world.kernel.readFile('/f.docx'), 'as written + properties, and more');
});

const LARGE = 9 * 1024 * 1024;
const DOCUMENT = { 'word/document.xml': 1, 'docProps/core.xml': 2 };

for (const [parts, isEdit] of [
  [{ ...DOCUMENT, 'word/document.xml': 3 }, true],
  [{ ...DOCUMENT, 'docProps/core.xml': 3, 'customXml/item1.xml': 4 }, false],
] as const)
  test(`of a large document the end alone is looked at: ${isEdit ? 'an edit' : 'the server'}`, async () => {
    const ours = archive(DOCUMENT, '', LARGE);
    const theirs = archive(parts, '', LARGE + 1000);
    await world.kernel.writeFile('/f.docx', ours);
    await world.settled();
    world.drive.server.write('/f.docx', theirs);
    world.drive.calls.length = 0;
    await looked();
    assert.equal(world.drive.calls.filter(({ name }) => name === 'read').length, 1);
    assert.equal((await world.kernel.stat('/f.docx')).size, (isEdit ? theirs : ours).length);
  });

test('of a large content of another kind nothing can be told, and nothing is fetched', async () => {
  await world.kernel.writeFile('/f.docx', Buffer.alloc(LARGE, 'o'));
  await world.settled();
  world.drive.server.write('/f.docx', Buffer.alloc(LARGE + 1, 't'));
  world.drive.calls.length = 0;
  await looked();
  assert.equal(world.drive.calls.filter(({ name }) => name === 'read').length, 0);
  assert.equal((await world.kernel.stat('/f.docx')).size, LARGE);
});
