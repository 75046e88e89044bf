import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DriveError } from '../../../src/drive/index.js';
import { ROOT_INO } from '../../../src/spool/index.js';
import { type SpoolBench, spoolBench } from '../../support/spool-bench.js';

function move(bench: SpoolBench, from: string, name: string, parent = ROOT_INO): void {
  const kind = bench.drive.server.find(from)!.kind;
  bench.spool.rename(bench.inoAt(from), bench.itemAt(from), kind, { parent, name }, null);
}

test('two files that change places do so through a third name', async (t) => {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => {
      server.write('/a', 'was a');
      server.write('/b', 'was b');
    },
  });
  const [a, b] = [bench.inoAt('/a'), bench.inoAt('/b')];
  const [itemA, itemB] = [bench.itemAt('/a'), bench.itemAt('/b')];
  bench.spool.rename(a, itemA, 'file', { parent: ROOT_INO, name: 'x' }, null);
  bench.spool.rename(b, itemB, 'file', { parent: ROOT_INO, name: 'a' }, null);
  bench.spool.rename(a, itemA, 'file', { parent: ROOT_INO, name: 'b' }, null);
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a': 'was b', '/b': 'was a' });
  assert.equal(bench.itemAt('/b'), itemA);
  assert.equal(bench.drive.count('move'), 3);
});

test('a folder and what was in it change places', async (t) => {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => {
      server.makeFolder('/a');
      server.makeFolder('/a/b');
      server.write('/a/b/file', 'x');
    },
  });
  const [a, b] = [bench.inoAt('/a'), bench.inoAt('/a/b')];
  const [itemA, itemB] = [bench.itemAt('/a'), bench.itemAt('/a/b')];
  bench.spool.rename(b, itemB, 'folder', { parent: ROOT_INO, name: 'x' }, null);
  bench.spool.bind(b, itemB);
  bench.spool.rename(a, itemA, 'folder', { parent: b, name: 'b' }, null);
  bench.spool.rename(b, itemB, 'folder', { parent: ROOT_INO, name: 'a' }, null);
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a': null, '/a/b': null, '/a/file': 'x' });
  assert.equal(bench.itemAt('/a'), itemB);
});

test('a folder goes after everything that was moved out of it', async (t) => {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => {
      server.makeFolder('/old');
      server.write('/old/kept', 'kept');
      server.write('/old/gone', 'gone');
    },
  });
  const { server } = bench.drive;
  bench.drive.beforeCall = ({ name }) => {
    if (name === 'remove') assert.equal(server.find('/old/kept'), undefined, 'moved out before the removal');
  };
  move(bench, '/old/kept', 'kept');
  bench.spool.remove(bench.inoAt('/old/gone'), bench.itemAt('/old/gone'), 'file');
  bench.spool.remove(bench.inoAt('/old'), bench.itemAt('/old'), 'folder');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/kept': 'kept' });
  assert.equal(bench.drive.count('remove'), 1);
});

test('a new file where one was removed becomes the next version of it: no moment without a file', async (t) => {
  const bench = await spoolBench(t, { setUp: ({ server }) => server.write('/a', 'old') });
  const item = bench.itemAt('/a');
  bench.spool.remove(bench.inoAt('/a'), item, 'file');
  const ino = await bench.file(ROOT_INO, 'a', 'new');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a': 'new' });
  assert.equal(bench.drive.count('remove'), 0);
  assert.equal(bench.itemAt('/a'), item);
  assert.equal(bench.spool.inoOf(item), ino);
});

test('an uploaded file moved over another replaces it in one step', async (t) => {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => {
      server.write('/a', 'a');
      server.write('/b', 'b');
    },
  });
  const replaced = { ino: bench.inoAt('/b'), item: bench.itemAt('/b'), kind: 'file', version: null } as const;
  const item = bench.itemAt('/a');
  bench.spool.rename(bench.inoAt('/a'), item, 'file', { parent: ROOT_INO, name: 'b' }, replaced);
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/b': 'a' });
  assert.equal(bench.drive.count('remove'), 0);
  assert.deepEqual(bench.remote.removals, [replaced.item]);
});

test('a symbolic link is a small file that other programs know', async (t) => {
  const bench = await spoolBench(t);
  bench.spool.make('symlink', { parent: ROOT_INO, name: 'link' }, { symlinkTarget: '../target' });
  await bench.quiesce();
  const text = bench.drive.server.text('/link');
  assert.equal(text.length, 1067);
  assert.match(text, /^XSym\n0009\n[0-9a-f]{32}\n\.\.\/target\n +$/);
});

test('what is being written is moved all the same, so that what needs its place can go on', async (t) => {
  const bench = await spoolBench(t, { setUp: ({ server }) => server.write('/log', 'old') });
  const [ino, item] = [bench.inoAt('/log'), bench.itemAt('/log')];
  const base = { version: bench.versionAt('/log') };
  const seed = () => Promise.resolve(0);
  const update = await bench.spool.beginUpdate(ino, { item, base, truncate: true, seed });
  bench.spool.rename(ino, item, 'file', { parent: ROOT_INO, name: 'log.1' }, null);
  await bench.file(ROOT_INO, 'log', 'new');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/log': 'new', '/log.1': 'old' });
  bench.spool.commit(ino, 0);
  update.close();
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/log': 'new', '/log.1': '' });
});

test('folders within folders are made one after the other, and nobody asks where the one just made is', async (t) => {
  const bench = await spoolBench(t);
  bench.remote.tree.catchUp = () =>
    Promise.reject(new Error('asked where a folder is that was made just now'));
  const names = ['a', 'b', 'c', 'd'];
  let parent: number = ROOT_INO;
  for (const name of names) parent = bench.folder(parent, name).ino;
  await bench.quiesce();
  const paths = names.map((_, depth) => `/${names.slice(0, depth + 1).join('/')}`);
  assert.deepEqual(bench.serverTree(), Object.fromEntries(paths.map((path) => [path, null])));
  assert.equal(bench.spool.statistics.owed, 0);
});

for (const fate of ['lost', 'undone'] as const) {
  test(`a folder that we tried to make, ${fate}, goes into a new one of its name`, async (t) => {
    const bench = await spoolBench(t);
    const cut = ({ name }: { readonly name: string }) => {
      if (name === 'makeDirectory') throw new DriveError('unreachable', 'the line was cut');
    };
    if (fate === 'lost') bench.drive.afterCall = cut;
    else bench.drive.beforeCall = cut;
    const { ino } = bench.folder(ROOT_INO, 'b');
    await bench.quiesce(3000);
    bench.spool.rename(ino, null, 'folder', { parent: ROOT_INO, name: 'x' }, null);
    const above = bench.folder(ROOT_INO, 'b').ino;
    bench.spool.rename(ino, null, 'folder', { parent: above, name: 'a' }, null);
    bench.drive.beforeCall = bench.drive.afterCall = () => undefined;
    await bench.quiesce();
    assert.deepEqual(bench.serverTree(), { '/b': null, '/b/a': null });
  });
}

test('where items are known by their paths, a moved file is known under the new one alone', async (t) => {
  const bench = await spoolBench(t, { stableIds: false, setUp: ({ server }) => server.write('/a', 'a') });
  bench.spool.rename(bench.inoAt('/a'), 'path:/a', 'file', { parent: ROOT_INO, name: 'b' }, null);
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/b': 'a' });
  const { tree } = bench.remote;
  assert.deepEqual([tree.peek('path:/a'), tree.peek('path:/b')?.name], [undefined, 'b']);
});
