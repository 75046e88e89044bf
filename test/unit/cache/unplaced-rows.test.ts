/** Rows of the server that tell of an item without saying where it is: it is looked for, and all others are as ever. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { ItemId } from '../../../src/drive/index.js';
import { openTreeBench, serverTree, type TreeBench, walk } from '../../support/cache-tree.js';
import type { MemoryTreeSource } from '../../support/memory-tree-source.js';

let bench: TreeBench;
let source: MemoryTreeSource;

beforeEach(async () => {
  bench = await openTreeBench();
  source = bench.drive.tree as MemoryTreeSource;
  bench.drive.server.makeFolder('/a');
  bench.drive.server.makeFolder('/b');
  for (const file of ['/a/1', '/b/2']) bench.drive.server.write(file, file);
});
afterEach(async () => {
  await bench.close();
  assert.deepEqual(bench.complaints, []);
});

const idOf = (path: string): ItemId => bench.drive.server.item(bench.drive.server.find(path)!).id;
const names = (name: string) => bench.drive.calls.filter((call) => call.name === name).length;

async function poll(): Promise<void> {
  await bench.tree.pollNow(new AbortController().signal);
  bench.clock.advance(60_000);
  await bench.idle();
}

test('in a snapshot: each folder is listed once, and nothing is missing', async () => {
  source.unplaced.add(idOf('/a/1'));
  await bench.follow();
  bench.clock.advance(1);
  assert.equal(bench.tree.statistics.complete, true);
  assert.deepEqual(await walk(bench.tree), serverTree(bench));
  const listed = names('list');
  assert.ok(listed > 0);
  bench.drive.server.write('/b/2', 'changed');
  await poll();
  assert.deepEqual(await walk(bench.tree), serverTree(bench));
  assert.equal(names('list'), listed);
});

test('in the change log: what is known is looked at where it is known to be', async () => {
  await bench.follow();
  await walk(bench.tree);
  source.unplaced.add(idOf('/a/1'));
  bench.drive.server.write('/a/1', 'changed');
  bench.drive.server.write('/b/2', 'changed, too');
  bench.drive.calls.length = 0;
  await bench.tree.pollNow(new AbortController().signal);
  assert.deepEqual(await walk(bench.tree), serverTree(bench));
  const asked = bench.drive.calls.filter(({ name }) => name !== 'changes');
  assert.deepEqual(
    asked.map(({ name, path }) => `${name} ${path}`),
    ['stat /a/1'],
  );
});

for (const [what, change] of Object.entries({
  'was moved': () => bench.drive.server.move('/a/1', '/b/one'),
  'is new': () => {
    const { id } = bench.drive.server.item(bench.drive.server.write('/b/new', 'new'));
    source.unplaced.add(id);
  },
})) {
  test(`in the change log: what ${what} is found where it is, and all others stay`, async () => {
    await bench.follow();
    await walk(bench.tree);
    source.unplaced.add(idOf('/a/1'));
    change();
    await poll();
    await poll();
    assert.deepEqual(await walk(bench.tree), serverTree(bench));
    const removed = bench.told.filter(
      (told) => told.kind === 'removed' && !source.unplaced.has(told.item.id),
    );
    assert.deepEqual(removed, []);
  });
}

test('in the change log: what is new, and gone by the time that it is looked for, is no reason to compare all', async () => {
  await bench.follow();
  await poll();
  await walk(bench.tree);
  const { id } = bench.drive.server.item(bench.drive.server.write('/b/new', 'new'));
  source.unplaced.add(id);
  bench.drive.calls.length = 0;
  bench.drive.afterCall = ({ name }) => {
    if (name !== 'changes' || bench.drive.server.find('/b/new') === undefined) return;
    bench.drive.server.remove('/b/new');
  };
  await poll();
  assert.deepEqual(await walk(bench.tree), serverTree(bench));
  assert.equal(names('snapshot'), 0);
});
