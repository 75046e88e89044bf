/** What goes out with a listed name is what the file is when the reply is made, however long ago the folder was read. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { Entry } from '../../../src/fs/index.js';
import { FileSystemWorld } from '../../support/file-system-world.js';

let world: FileSystemWorld;
beforeEach(async () => {
  world = await FileSystemWorld.open();
  world.drive.server.makeFolder('/d');
  world.drive.server.makeFolder('/elsewhere');
  for (const name of ['file', 'other', 'third']) world.drive.server.write(`/d/${name}`, 'x');
  await world.caughtUp();
});
afterEach(() => world.close());

/** What comes with `/d/file` when `happens` after the folder was read and before it was replied. */
async function listedWith(happens: () => Promise<unknown>): Promise<Entry | undefined> {
  const node = await world.kernel.node('/d');
  const { handle } = await world.kernel.call('opendir', { node });
  const reader = await world.kernel.call('readdir', { node, handle, offset: 0 });
  let cookie = 0;
  while (reader.at(cookie)?.name !== 'file') cookie += 1;
  await happens();
  const entry = reader.lookUp(cookie);
  await world.kernel.call('releasedir', { node, handle });
  return entry;
}

test('nothing happened: the attributes are those of a look-up', async () => {
  const entry = await listedWith(async () => undefined);
  assert.deepEqual(entry?.attributes, await world.kernel.stat('/d/file'));
  assert.equal(entry?.node, await world.kernel.node('/d/file'));
});

const CHANGES: Readonly<Record<string, () => Promise<unknown>>> = {
  'it was written here': () => world.kernel.writeFile('/d/file', 'longer'),
  'its mode was set here': async () => {
    const node = await world.kernel.node('/d/file');
    await world.kernel.call('setattr', { node, handle: null, changes: { mode: 0o400 } });
  },
  'others wrote it': async () => {
    world.drive.server.write('/d/file', 'by others');
    await world.caughtUp();
  },
  'what was written here arrived': async () => {
    await world.kernel.writeFile('/d/file', 'longer');
    await world.settled();
    await world.caughtUp();
  },
};

for (const [what, happens] of Object.entries(CHANGES)) {
  test(`${what}: its attributes are the new ones`, async () => {
    const before = await world.kernel.stat('/d/file');
    const entry = await listedWith(happens);
    assert.deepEqual(entry?.attributes, await world.kernel.stat('/d/file'));
    assert.notDeepEqual(entry?.attributes, before);
  });
}

const DEPARTURES: Readonly<Record<string, () => Promise<unknown>>> = {
  'it was removed here': () => world.kernel.unlink('/d/file'),
  'it was renamed here': () => world.kernel.rename('/d/file', '/elsewhere/file'),
  'another took its place here': () => world.kernel.rename('/d/other', '/d/file'),
  'others removed it': async () => {
    world.drive.server.remove('/d/file');
    await world.caughtUp();
  },
  'others moved it': async () => {
    world.drive.server.move('/d/file', '/elsewhere/file');
    await world.caughtUp();
  },
};

for (const [what, happens] of Object.entries(DEPARTURES)) {
  test(`${what}: its name goes out without a node`, async () => {
    assert.equal(await listedWith(happens), undefined);
  });
}
