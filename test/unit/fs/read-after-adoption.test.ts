/**
 * A file that is open while it is sent: its bytes become the content cache's, which gives the file to others when it needs
 * the room, or when the item is gone. Who has it open goes on reading its own bytes.
 */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ItemId } from '../../../src/drive/index.js';
import { FileSystemWorld } from '../../support/file-system-world.js';
import type { Descriptor } from '../../support/kernel-double.js';

const BYTES = 'its own bytes';
let world: FileSystemWorld;

beforeEach(async () => {
  world = await FileSystemWorld.open();
});
afterEach(() => world.close());

/** Written, and on the server; nobody has closed it. */
async function sentWhileOpen(): Promise<Descriptor> {
  const file = await world.kernel.create('/f');
  await world.kernel.write(file, 0, BYTES);
  await world.kernel.call('fsync', { ...file, dataOnly: false });
  await world.settled();
  assert.equal(world.drive.server.text('/f'), BYTES);
  return file;
}

function itemOf(path: string): ItemId {
  const { server } = world.drive;
  return server.item(server.find(path)!).id;
}

/** Takes the files that the cache has emptied by now. */
async function writeOthers(): Promise<void> {
  for (const name of ['g', 'h', 'i']) await world.kernel.writeFile(`/${name}`, `others' bytes of ${name}`);
  await world.settled();
}

async function copyName(): Promise<string> {
  return (await world.kernel.list('/')).find((name) => name.startsWith('f (conflict '))!;
}

/** Opened while it is sent. */
function openedCopy(): Promise<Descriptor> {
  return new Promise((resolve, reject) => {
    world.drive.beforeCall = async ({ name, path }) => {
      if (name !== 'upload' || !path.includes(' (conflict ')) return;
      const opened = copyName().then((copy) => world.kernel.open(`/${copy}`));
      opened.then(resolve, reject);
      await opened;
    };
  });
}

async function evict(): Promise<void> {
  world.content.evict(itemOf('/f'));
  await writeOthers();
}

test('a file that was removed after it was sent is read by who has it open', async () => {
  const file = await sentWhileOpen();
  const item = itemOf('/f');
  await world.kernel.unlink('/f');
  await world.settled();
  assert.equal(world.content.bytesOf(item), BYTES.length, 'kept while it is open');
  await writeOthers();
  assert.equal((await world.kernel.read(file, 0, 100)).toString(), BYTES);
});

test('a file that the cache would let go of is read by who has it open', async () => {
  const file = await sentWhileOpen();
  await evict();
  assert.equal(world.content.bytesOf(itemOf('/f')), BYTES.length, 'kept while it is open');
  assert.equal((await world.kernel.read(file, 0, 100)).toString(), BYTES);
});

test('what is added to a file that the cache would have let go of comes after all of its bytes', async () => {
  const file = await sentWhileOpen();
  await evict();
  await world.kernel.write(file, BYTES.length, ', and more');
  await world.kernel.close(file);
  await world.settled();
  assert.equal(world.drive.server.text('/f'), `${BYTES}, and more`);
});

test('once nobody has it open, the cache may let go of it', async () => {
  const file = await sentWhileOpen();
  await world.kernel.close(file);
  await evict();
  while (world.content.bytesOf(itemOf('/f')) > 0) await nextTurn();
  assert.equal(String(await world.kernel.readFile('/f')), BYTES);
});

for (const isCopyOpen of [false, true])
  test(`who wrote what has become a conflict copy goes on reading it, whatever becomes of the copy${isCopyOpen ? ', which is open as well' : ''}`, async () => {
    world.drive.server.write('/f', 'base');
    await world.caughtUp();
    const file = await world.kernel.open('/f', { access: 'read-write' });
    await world.kernel.write(file, 0, BYTES);
    await world.kernel.call('fsync', { ...file, dataOnly: false });
    world.drive.server.write('/f', 'theirs');
    const conflicted = isCopyOpen ? openedCopy() : Promise.resolve(null);
    await world.settled();
    const opened = await conflicted;
    await world.caughtUp();
    const copy = await copyName();
    assert.equal(world.drive.server.text(`/${copy}`), BYTES);
    const item = itemOf(`/${copy}`);
    world.drive.server.remove(`/${copy}`);
    await world.caughtUp();
    assert.equal(world.content.bytesOf(item), BYTES.length, 'kept while it is open');
    await writeOthers();
    for (const one of [file, opened]) {
      if (one === null) continue;
      assert.equal((await world.kernel.read(one, 0, 100)).toString(), BYTES);
      await world.kernel.close(one);
    }
    // Who has the copy open when it goes leaves its bytes to the cache, as with any file.
    if (isCopyOpen) return;
    for (let turn = 0; turn < 100 && world.content.bytesOf(item) > 0; turn += 1) await nextTurn();
    assert.equal(world.content.bytesOf(item), 0, 'given up once nobody has it open');
  });
