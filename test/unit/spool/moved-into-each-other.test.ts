/** Folders that were moved into each other: a move of ours would lead below itself on the server, where somebody else moved one. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ROOT_INO } from '../../../src/spool/index.js';
import { type SpoolBench, spoolBench } from '../../support/spool-bench.js';

const STAYS = /it stays where it was/;

async function folders(t: TestContext, ...names: string[]): Promise<SpoolBench> {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => {
      for (const name of names) server.makeFolder(`/${name}`);
    },
    expectedWarnings: STAYS,
  });
  for (const name of names) bench.spool.bind(bench.inoAt(`/${name}`), bench.itemAt(`/${name}`));
  return bench;
}

function move(bench: SpoolBench, name: string, into: string): void {
  const [ino, item] = [bench.inoAt(`/${name}`), bench.itemAt(`/${name}`)];
  bench.spool.rename(ino, item, 'folder', { parent: bench.inoAt(`/${into}`), name }, null);
}

test('what the server has stays, and nothing is owed any more', async (t) => {
  const bench = await folders(t, 'a', 'b');
  const [a, b] = [bench.inoAt('/a'), bench.inoAt('/b')];
  move(bench, 'a', 'b');
  bench.drive.server.move('/b', '/a/b');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a': null, '/a/b': null });
  assert.equal(bench.spool.statistics.owed, 0);
  const places = [
    { parent: b, name: 'a' },
    { parent: ROOT_INO, name: 'a' },
  ];
  const kept = places.map((place) => ({ kind: 'kept', ino: a, place }));
  assert.deepEqual(
    bench.events.filter(({ kind }) => kind === 'kept'),
    kept,
  );
});

test('of three in a circle one stays', async (t) => {
  const bench = await folders(t, 'a', 'b', 'c');
  move(bench, 'a', 'b');
  move(bench, 'c', 'a');
  bench.drive.server.move('/b', '/c/b');
  await bench.quiesce();
  assert.equal(Object.keys(bench.serverTree()).length, 3);
  assert.equal(bench.spool.statistics.owed, 0);
  assert.equal(
    bench.events.filter(({ kind }) => kind === 'kept').length,
    2,
    'where it is not, and where it is',
  );
});

test('the other one is out again by now: the move is made', async (t) => {
  const bench = await folders(t, 'a', 'b');
  const { server } = bench.drive;
  move(bench, 'a', 'b');
  server.move('/b', '/a/b');
  bench.remote.tree.learnAll();
  server.move('/a/b', '/b');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/b': null, '/b/a': null });
  assert.equal(bench.spool.statistics.owed, 0);
});

test('what was written into it meanwhile arrives where it stays', async (t) => {
  const bench = await folders(t, 'a', 'b');
  const a = bench.inoAt('/a');
  move(bench, 'a', 'b');
  await bench.file(a, 'f', 'mine');
  bench.drive.server.move('/b', '/a/b');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a': null, '/a/b': null, '/a/f': 'mine' });
});
