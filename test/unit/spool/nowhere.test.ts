/** Something is owed, and nobody here knows where it, or its folder, is on the server: that is asked for and mended. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Ino, ROOT_INO } from '../../../src/spool/index.js';
import { type SpoolBench, spoolBench } from '../../support/spool-bench.js';

/** A folder that we moved and somebody removed: nobody needed it when that was told. */
async function goneFolder(bench: SpoolBench): Promise<Ino> {
  const [ino, item] = [bench.inoAt('/d'), bench.itemAt('/d')];
  bench.spool.rename(ino, item, 'folder', { parent: ROOT_INO, name: 'e' }, null);
  bench.drive.server.remove('/d');
  bench.remote.tree.learnAll();
  bench.spool.remoteRemoved(item, 'folder', { parent: ROOT_INO, name: 'd' }, bench.remote.tree.root);
  assert.equal(bench.spool.owed(ino), undefined);
  return ino;
}

test('a file in a folder that is gone is sent, and the folder made again for it', async (t) => {
  const bench = await spoolBench(t, { setUp: ({ server }) => server.makeFolder('/d') });
  await bench.file(await goneFolder(bench), 'f', 'mine');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/d': null, '/d/f': 'mine' });
  assert.equal(bench.spool.statistics.owed, 0);
});

test('where nobody remembers the folder either, the file is not lost', async (t) => {
  const bench = await spoolBench(t, { setUp: ({ server }) => server.makeFolder('/d') });
  const folder = await goneFolder(bench);
  await bench.reopen();
  await bench.file(folder, 'f', 'mine');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/recovered': null, '/recovered/f': 'mine' });
});

test('a file that came into a folder while its removal is owed keeps the folder', async (t) => {
  const bench = await spoolBench(t, { setUp: ({ server }) => server.makeFolder('/d') });
  const folder = bench.inoAt('/d');
  bench.spool.bind(folder, bench.itemAt('/d'));
  bench.spool.remove(folder, bench.itemAt('/d'), 'folder');
  await bench.file(folder, 'f', 'mine');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/d': null, '/d/f': 'mine' });
  assert.ok(
    bench.events.some(({ kind }) => kind === 'kept'),
    'whoever shows the folder is told',
  );
});

test('as long as nobody knows the whole tree it waits, and says what for', async (t) => {
  const bench = await spoolBench(t, { setUp: ({ server }) => server.makeFolder('/d') });
  const folder = await goneFolder(bench);
  const { catchUp } = bench.remote.tree;
  bench.remote.tree.catchUp = () => Promise.resolve(false);
  const file = await bench.file(folder, 'f', 'mine');
  await bench.quiesce();
  const { state } = bench.spool.owed(file)!;
  assert.ok(state.kind === 'owed' && /nobody knows where/.test(state.lastError ?? ''));
  bench.remote.tree.catchUp = catchUp;
  await bench.quiesce(600_000);
  assert.equal(bench.serverTree()['/d/f'], 'mine');
});

/** `/d` was moved to `/e`, by us or by others, and then the cache was thrown away: nobody knows of `/e` here. */
async function withoutCache(bench: SpoolBench, move: (folder: Ino) => unknown): Promise<Ino> {
  const folder = bench.inoAt('/d');
  bench.spool.bind(folder, bench.itemAt('/d'));
  await bench.file(folder, 'f', 'before');
  await bench.quiesce();
  await move(folder);
  bench.remote.tree.forgetAll();
  bench.remote.tree.catchUp = () => Promise.resolve(false);
  return folder;
}

test('a folder that we moved is known by its new path, though the cache was thrown away', async (t) => {
  const bench = await spoolBench(t, { setUp: ({ server }) => server.makeFolder('/d') });
  const folder = await withoutCache(bench, async (ino) => {
    bench.spool.rename(ino, bench.itemAt('/d'), 'folder', { parent: ROOT_INO, name: 'e' }, null);
    await bench.quiesce();
  });
  bench.drive.server.makeFolder('/d');
  await bench.file(folder, 'g', 'mine');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/d': null, '/e': null, '/e/f': 'before', '/e/g': 'mine' });
});

test('a folder that others moved is not made again before the tree is known', async (t) => {
  const bench = await spoolBench(t, { setUp: ({ server }) => server.makeFolder('/d') });
  const { catchUp } = bench.remote.tree;
  const folder = await withoutCache(bench, () => bench.drive.server.move('/d', '/e'));
  await bench.file(folder, 'g', 'mine');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/e': null, '/e/f': 'before' });
  bench.remote.tree.learnAll();
  bench.remote.tree.catchUp = catchUp;
  await bench.quiesce(600_000);
  assert.deepEqual(bench.serverTree(), { '/e': null, '/e/f': 'before', '/e/g': 'mine' });
});

test('a move of what others moved is made when the tree is known, and not forgotten before', async (t) => {
  const bench = await spoolBench(t, { setUp: ({ server }) => server.makeFolder('/d') });
  const { catchUp } = bench.remote.tree;
  const item = bench.itemAt('/d');
  const folder = await withoutCache(bench, () => bench.drive.server.move('/d', '/e'));
  bench.spool.rename(folder, item, 'folder', { parent: ROOT_INO, name: 'ours' }, null);
  await bench.quiesce();
  assert.notEqual(bench.spool.owed(folder), undefined);
  bench.remote.tree.learnAll();
  bench.remote.tree.catchUp = catchUp;
  await bench.quiesce(600_000);
  assert.deepEqual(bench.serverTree(), { '/ours': null, '/ours/f': 'before' });
});

test('a move of what is nowhere is given up in the end where nobody will ever know the whole tree', async (t) => {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => {
      for (const name of ['a', 'b']) server.write(`/${name}`, 'theirs');
    },
  });
  const files = ['/a', '/b'].map((path) => [bench.inoAt(path), bench.itemAt(path)] as const);
  for (const [ino, item] of files) bench.spool.bind(ino, item);
  for (const path of ['/a', '/b']) bench.drive.server.remove(path);
  bench.remote.tree.forgetAll();
  bench.remote.tree.catchUp = () => Promise.resolve(false);
  for (const [ino, item] of files)
    bench.spool.rename(ino, item, 'file', { parent: ROOT_INO, name: `${ino}` }, null);
  await bench.write(files[1]![0], 'ours', files[1]![1]);
  await bench.quiesce(30_000);
  assert.equal(bench.spool.statistics.owed, 2, 'a front end may only lag');
  await bench.quiesce(600_000);
  assert.equal(bench.spool.statistics.owed, 0);
  assert.deepEqual(bench.serverTree(), { [`/${files[1]![0]}`]: 'ours' }, 'what was written is made again');
});
