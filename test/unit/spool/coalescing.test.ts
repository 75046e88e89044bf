import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_INO } from '../../../src/spool/index.js';
import { spoolBench } from '../../support/spool-bench.js';

test('a new file is one upload, after it rested', async (t) => {
  const bench = await spoolBench(t);
  await bench.file(ROOT_INO, 'a.txt', 'hello');
  bench.clock.advance(100);
  assert.equal(bench.drive.calls.length, 0, 'it rests first');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a.txt': 'hello' });
  assert.equal(bench.drive.count('upload'), 1);
  assert.ok(bench.drive.calls.every(({ name }) => name === 'upload' || name === 'setModified'));
  assert.equal(bench.spool.statistics.owed, 0);
});

test('create and rename is one upload under the final name', async (t) => {
  const bench = await spoolBench(t);
  const ino = await bench.file(ROOT_INO, '.a.txt.Xy12', 'hello');
  bench.spool.rename(ino, null, 'file', { parent: ROOT_INO, name: 'a.txt' }, null);
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a.txt': 'hello' });
  assert.equal(bench.drive.count('upload'), 1);
  assert.equal(bench.drive.count('move'), 0);
});

test('create and unlink is nothing', async (t) => {
  const bench = await spoolBench(t);
  const ino = await bench.file(ROOT_INO, 'a.txt', 'hello');
  bench.spool.remove(ino, null, 'file');
  await bench.quiesce();
  assert.equal(bench.drive.calls.length, 0);
  assert.equal([...bench.spool.all()].length, 0);
});

test('ten saves are the newest', async (t) => {
  const bench = await spoolBench(t);
  const ino = await bench.file(ROOT_INO, 'a.txt', 'save 0');
  for (let save = 1; save < 10; save += 1) {
    await bench.write(ino, `save ${save}`);
    await bench.clock.run(100);
  }
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a.txt': 'save 9' });
  assert.equal(bench.drive.count('upload'), 1);
});

test('a tree is made by level, and nothing before its folder', async (t) => {
  const bench = await spoolBench(t);
  for (const top of ['a', 'b', 'c']) {
    const folder = bench.folder(ROOT_INO, top);
    const below = bench.folder(folder.ino, 'below');
    await bench.file(below.ino, 'file', top);
  }
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), {
    '/a': null,
    '/a/below': null,
    '/a/below/file': 'a',
    '/b': null,
    '/b/below': null,
    '/b/below/file': 'b',
    '/c': null,
    '/c/below': null,
    '/c/below/file': 'c',
  });
  assert.equal(bench.drive.count('makeDirectory') + bench.drive.count('upload'), 9);
});

test('a folder of owed files is renamed before anything was sent: nothing more is sent', async (t) => {
  const bench = await spoolBench(t);
  const folder = bench.folder(ROOT_INO, 'draft');
  for (let count = 0; count < 5; count += 1) await bench.file(folder.ino, `${count}`, 'x');
  bench.spool.rename(folder.ino, null, 'folder', { parent: ROOT_INO, name: 'final' }, null);
  await bench.quiesce();
  assert.equal(bench.drive.count('move'), 0);
  assert.equal(bench.drive.count('makeDirectory') + bench.drive.count('upload'), 6);
  assert.equal(bench.drive.server.text('/final/4'), 'x');
});

test('times wait for each other, two seconds at most, and no longer than until they fill a request', async (t) => {
  const bench = await spoolBench(t, { limits: { timesTogether: 3 } });
  const toldAtMs: number[] = [];
  bench.drive.beforeCall = ({ name }) => {
    if (name === 'setModified') toldAtMs.push(bench.clock.now());
  };
  const beganMs = bench.clock.now();
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    const ino = await bench.file(ROOT_INO, name, 'old news');
    bench.spool.touch(ino, null, 1_000_000_000_000);
    await bench.quiesce(500);
  }
  await bench.quiesce();
  const after = toldAtMs.map((atMs) => atMs - beganMs);
  assert.equal(after.length, 5);
  assert.deepEqual(new Set(after.slice(0, 3)).size, 1, `the first three at once: ${after}`);
  assert.ok(after[0]! < 2_500, `with the third of them: ${after}`);
  assert.deepEqual(new Set(after.slice(3)).size, 1, `the others together: ${after}`);
  assert.ok(after[3]! > 4_000, `after a rest: ${after}`);
});

test('times that wait for each other are told at once when somebody waits for them', async (t) => {
  const bench = await spoolBench(t);
  const ino = await bench.file(ROOT_INO, 'a', 'old news');
  bench.spool.touch(ino, null, 1_000_000_000_000);
  await bench.quiesce(1_000);
  assert.equal(bench.drive.count('upload'), 1);
  assert.equal(bench.drive.count('setModified'), 0);
  const settled = bench.spool.settled('all', new AbortController().signal);
  await bench.quiesce(250);
  await settled;
  assert.equal(bench.drive.count('setModified'), 1);
});

test('a rename over an uploaded file makes our bytes its next version', async (t) => {
  const bench = await spoolBench(t, { setUp: (drive) => drive.server.write('/doc.odt', 'old') });
  const item = bench.itemAt('/doc.odt');
  const old = bench.inoAt('/doc.odt');
  const ino = await bench.file(ROOT_INO, '.doc.tmp', 'new');
  const version = bench.versionAt('/doc.odt');
  const place = { parent: ROOT_INO, name: 'doc.odt' };
  bench.spool.rename(ino, null, 'file', place, { ino: old, item, kind: 'file', version });
  assert.equal(bench.spool.inoOf(item), ino);
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/doc.odt': 'new' });
  assert.equal(bench.itemAt('/doc.odt'), item);
  assert.equal(bench.drive.count('upload'), 1);
  assert.ok(bench.drive.calls.every(({ name }) => name === 'upload' || name === 'setModified'));
});

test('rm -rf of a thousand files is one request, after one question', async (t) => {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => {
      server.makeFolder('/tree');
      for (let folder = 0; folder < 10; folder += 1) {
        server.makeFolder(`/tree/${folder}`);
        for (let file = 0; file < 100; file += 1) server.write(`/tree/${folder}/${file}`, 'x');
      }
    },
  });
  const { server } = bench.drive;
  for (let folder = 0; folder < 10; folder += 1) {
    for (const node of server.children(`/tree/${folder}`)) {
      bench.spool.remove(bench.inoAt(node.path), bench.itemAt(node.path), 'file');
    }
    bench.spool.remove(bench.inoAt(`/tree/${folder}`), bench.itemAt(`/tree/${folder}`), 'folder');
    await bench.clock.run(400);
  }
  bench.spool.remove(bench.inoAt('/tree'), bench.itemAt('/tree'), 'folder');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), {});
  assert.equal(bench.drive.calls.length, 1);
  assert.equal(bench.remote.tree.questions, 1);
  assert.equal(bench.remote.removals.length, 1011);
  assert.equal(bench.spool.statistics.owed, 0);
});
