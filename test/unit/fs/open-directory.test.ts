/**
 * A folder read page by page: what was read once stays where it was until the folder is rewound, and nobody waits for more than
 * a page. What is shown while the folder changes: test/model/open-directory.test.ts.
 */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FileSystemWorld } from '../../support/file-system-world.js';
import { openLargeFolderWorld } from '../../support/large-folder-world.js';

const FILES = 2_000;
let world: FileSystemWorld;

beforeEach(async () => {
  world = await openLargeFolderWorld(FILES);
});
afterEach(() => world.close());

test('what was read stays behind its cookie; rewound, the folder is read anew', async () => {
  const node = await world.kernel.node('/d');
  const { handle } = await world.kernel.call('opendir', { node });
  const page = (offset: number) => world.kernel.call('readdir', { node, handle, offset });
  const fifth = (await page(0)).at(5)!.name;
  const late = (await page(1_500)).at(1_500)!.name;
  await world.kernel.unlink(`/d/${fifth}`);
  assert.equal((await page(5)).at(5)!.name, fifth, 'seekdir(3) goes back to the same place');
  assert.equal((await page(1_500)).at(1_500)!.name, late);
  assert.equal((await page(5)).lookUp(5), undefined, 'what is gone is shown without a node');
  assert.notEqual((await page(0)).at(5)!.name, fifth);
  const end = FILES - 1 + 2;
  assert.equal((await page(end)).at(end), undefined);
  await world.kernel.call('releasedir', { node, handle });
});

/** How many turns of the event loop the first reply takes. */
async function turnsToRead(path: string): Promise<number> {
  const node = await world.kernel.node(path);
  const { handle } = await world.kernel.call('opendir', { node });
  let turns = 0;
  let isRead = false;
  const reading = world.kernel.call('readdir', { node, handle, offset: 0 }).then(() => {
    isRead = true;
  });
  for (; !isRead; turns += 1) await nextTurn();
  await reading;
  await world.kernel.call('releasedir', { node, handle });
  return turns;
}

test('a small folder is read in the turn in which it is asked for, a large one page by page', async () => {
  world.drive.server.makeFolder('/small');
  for (let file = 0; file < 10; file += 1) world.drive.server.write(`/small/${file}`, 'x');
  await world.caughtUp();
  assert.equal((await world.kernel.list('/small')).length, 10, 'and is known from now on');
  assert.equal(await turnsToRead('/small'), 1);
  await world.kernel.writeFile('/small/ours', 'owed');
  assert.equal(await turnsToRead('/small'), 1);
  assert.ok((await turnsToRead('/d')) > 3);
});

test('a folder of which nothing is visible in the first pages is read on', async () => {
  for (let file = 0; file < FILES - 1; file += 1) await world.kernel.unlink(`/d/f${file}`);
  assert.deepEqual(await world.kernel.list('/d'), [`f${FILES - 1}`]);
  await world.kernel.unlink(`/d/f${FILES - 1}`);
  await world.kernel.rmdir('/d');
});

test('a file that others remove while we owe a new version of it stays in the listing', async () => {
  await world.close();
  world = await FileSystemWorld.open();
  world.drive.server.makeFolder('/d');
  for (let file = 0; file < FILES; file += 1) world.drive.server.write(`/d/f${file}`, 'x');
  await world.caughtUp();
  const pages = world.kernel.names('/d');
  const shown = new Set((await pages.next()).value as string[]);
  const ahead = Array.from({ length: FILES }, (_, at) => `f${at}`).filter((name) => !shown.has(name));
  const changed = ahead.slice(0, 3);
  for (const name of changed) {
    await world.kernel.writeFile(`/d/${name}`, 'owed');
    world.drive.server.remove(`/d/${name}`);
  }
  await world.caughtUp();
  for await (const page of pages) for (const name of page) shown.add(name);
  assert.deepEqual(
    changed.filter((name) => !shown.has(name)),
    [],
  );
});
