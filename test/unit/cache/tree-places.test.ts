/** Paths that a snapshot or the log speaks of, where another folder had that path until then. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { openTreeBench, serverTree, type TreeBench, walk } from '../../support/cache-tree.js';

/** Until nothing of ours counts as recent, and the log is read again. */
const LATER_MS = 60_000;
let bench: TreeBench;

beforeEach(async () => {
  bench = await openTreeBench();
  for (const folder of ['/a', '/b']) bench.drive.server.makeFolder(folder);
  for (const file of ['/a/1', '/2']) bench.drive.server.write(file, file);
  await bench.follow();
});
afterEach(async () => {
  await bench.close();
  assert.deepEqual(bench.complaints, []);
});

const idOf = (path: string) => bench.drive.server.item(bench.drive.server.find(path)!).id;

async function passed(milliseconds: number): Promise<void> {
  bench.clock.advance(milliseconds);
  await bench.idle();
}

/** The tree is read as a whole again. */
async function comparedAsWhole(): Promise<void> {
  bench.drive.server.loseTokens();
  for (let round = 0; round < 5; round += 1) await passed(LATER_MS);
  assert.ok(bench.tree.statistics.complete);
}

async function expectSame(): Promise<void> {
  assert.deepEqual(await walk(bench.tree), serverTree(bench));
}

test('what the log tells of is put into the folder that has that path by now', async () => {
  const { server } = bench.drive;
  server.write('/a/1', 'told of by its path');
  await passed(LATER_MS);
  server.remove('/a/1');
  server.remove('/a');
  server.makeFolder('/a');
  await comparedAsWhole();
  server.move('/2', '/a/2');
  await passed(LATER_MS);
  await expectSame();
});

test('what a snapshot shows in a new folder is not put into the one that we moved from there', async () => {
  const { server } = bench.drive;
  const moved = server.move('/a', '/b/a');
  bench.tree.learn(idOf('/b'), server.item(moved));
  await passed(LATER_MS);
  server.makeFolder('/a');
  // Known before the folder is, for it is older.
  server.move('/2', '/a/2');
  await comparedAsWhole();
  await expectSame();
});

test('a file in the place of a folder that the log spoke of holds nothing', async () => {
  const { server } = bench.drive;
  server.makeFolder('/a/x');
  const taken = server.takeAway('/a');
  await passed(LATER_MS);
  server.bringBack(taken, '/b/a');
  server.move('/2', '/b/a/x/2');
  const id = idOf('/b/a/x/2');
  bench.drive.beforeCall = ({ name, path }) => {
    if (name !== 'stat' || path !== '/b/a/x' || server.find('/b/a/x')?.kind === 'file') return;
    server.remove('/b/a/x');
    server.write('/b/a/x', 'a file');
  };
  await bench.tree.pollNow(new AbortController().signal);
  assert.equal(server.find('/b/a/x')?.kind, 'file', 'it was asked for');
  assert.equal(bench.tree.pathOf(id), undefined);
});
