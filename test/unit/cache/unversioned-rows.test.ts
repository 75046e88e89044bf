/** A server whose snapshots do not tell which versions items have: where they are is known, what they are like is asked. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { ItemId } from '../../../src/drive/index.js';
import { asking, list, openTreeBench, serverTree, type TreeBench, walk } from '../../support/cache-tree.js';
import type { MemoryTreeSource } from '../../support/memory-tree-source.js';

let bench: TreeBench;
let source: MemoryTreeSource;

beforeEach(async () => {
  bench = await openTreeBench();
  source = bench.drive.tree as MemoryTreeSource;
  source.tellsVersions = false;
  for (const folder of ['/a', '/b', '/a/x', '/empty']) bench.drive.server.makeFolder(folder);
  for (const file of ['/a/1', '/a/x/2', '/b/3', '/4']) bench.drive.server.write(file, file);
});
afterEach(async () => {
  await bench.close();
  assert.deepEqual(bench.complaints, []);
});

const asked = (name: string) =>
  bench.drive.calls.filter((call) => call.name === name).map(({ path }) => path);
const poll = () => bench.tree.pollNow(new AbortController().signal);
const idOf = (path: string): ItemId => bench.drive.server.item(bench.drive.server.find(path)!).id;

async function follow(): Promise<void> {
  await bench.follow();
  bench.clock.advance(1);
}

/** The log has forgotten all that was told until now. */
async function loseToken(): Promise<void> {
  bench.clock.advance(60_000);
  bench.drive.server.loseTokens();
  await poll();
  await follow();
  await bench.idle();
}

test('each folder is listed once, then changes come by themselves', async () => {
  await follow();
  assert.equal(bench.tree.statistics.complete, true);
  assert.deepEqual(await walk(bench.tree), serverTree(bench));
  assert.deepEqual(asked('list').sort(), ['/', '/a', '/a/x', '/b', '/empty']);
  bench.drive.calls.length = 0;
  bench.drive.server.write('/a/1', 'news');
  bench.drive.server.write('/b/new', 'new');
  await poll();
  assert.deepEqual(await walk(bench.tree), serverTree(bench));
  assert.deepEqual(asked('list'), []);
});

test('a folder that nobody went into yet is known by its name, and is not taken for an empty one', async () => {
  await follow();
  const folder = await bench.tree.lookup(bench.tree.root, 'a', asking());
  assert.equal(folder?.id, idOf('/a'));
  assert.deepEqual(asked('list'), [], 'the snapshot has told of it');
  const file = await bench.tree.lookup(folder!.id, '1', asking());
  assert.equal(file?.id, idOf('/a/1'));
  assert.deepEqual(asked('list'), ['/a']);
});

test('after a restart what was listed is known, and what was not is asked for', async () => {
  await follow();
  await list(bench.tree, bench.tree.root);
  await list(bench.tree, idOf('/a'));
  await bench.restart();
  await follow();
  bench.drive.calls.length = 0;
  assert.deepEqual(await walk(bench.tree), serverTree(bench));
  assert.deepEqual(asked('list').sort(), ['/a/x', '/b', '/empty']);
});

for (const [what, change] of Object.entries({
  'another time and size': () => bench.drive.server.write('/b/3', 'quite another size'),
  'the same time and size': () => {
    const { modifiedMs } = bench.drive.server.item(bench.drive.server.find('/b/3')!);
    bench.drive.server.write('/b/3', '/b/X');
    bench.drive.server.setModified('/b/3', modifiedMs);
  },
})) {
  test(`what changed to ${what} while the log was lost is seen by who asks for it`, async () => {
    await follow();
    await walk(bench.tree);
    const id = idOf('/b/3');
    const before = bench.tree.peek(id)!.version;
    change();
    await loseToken();
    assert.equal(bench.tree.peek(id)!.version, before, 'nobody asked yet');
    assert.notEqual((await bench.tree.refresh(id, asking()))?.version, before);
    assert.deepEqual(await walk(bench.tree), serverTree(bench));
    const files = bench.told.filter(({ item }) => item.kind === 'file');
    assert.deepEqual(
      files.map((told) => told.kind),
      ['changed'],
    );
  });
}

test('what moved, came and went while the log was lost', async () => {
  await follow();
  await walk(bench.tree);
  const moved = idOf('/a/1');
  const { server } = bench.drive;
  server.move('/a/1', '/b/one');
  server.move('/a/x', '/y');
  server.remove('/4');
  server.write('/y/new', 'new');
  await loseToken();
  assert.equal(bench.tree.parentOf(moved), idOf('/b'));
  assert.deepEqual(await walk(bench.tree), serverTree(bench));
  const removed = bench.told.flatMap((told) => (told.kind === 'removed' ? told.item.name : []));
  assert.deepEqual(removed, ['4']);
});

test('what we moved a moment ago is not put back by a row that lags behind', async () => {
  const { drive, tree } = bench;
  await follow();
  await walk(tree);
  const item = drive.server.item(drive.server.find('/a')!);
  // the log is lost, and the snapshot of another front end still shows the folder where it was
  drive.server.loseTokens();
  tree.learn(tree.root, { ...item, name: 'moved', version: `${item.version} moved` });
  await poll();
  await follow();
  assert.equal(tree.peek(item.id)?.name, 'moved');
  drive.server.move('/a', '/moved');
  await poll();
  assert.deepEqual(await walk(tree), serverTree(bench));
});

for (const begunAgain of ['restart', 'crash'] as const)
  test(`a file that a folder's first listing after a ${begunAgain} leaves out is shown in the end`, async () => {
    await follow();
    await bench[begunAgain]();
    await follow();
    bench.drive.omitFromListings = 1;
    await list(bench.tree, idOf('/a'), asking(0));
    assert.deepEqual(await walk(bench.tree), serverTree(bench));
  });

for (const [where, isTaken] of [
  ['known elsewhere', false],
  ['now in the place of another one', true],
] as const)
  test(`a file that was told of before its folder, which is ${where}, and is left out of its listing`, async () => {
    const { server } = bench.drive;
    const away = server.takeAway('/4');
    server.makeFolder('/before');
    if (isTaken) server.makeFolder('/now');
    await follow();
    await walk(bench.tree);
    if (isTaken) server.move('/now', '/later');
    server.move('/before', '/now');
    server.bringBack(away, '/now/4');
    await loseToken();
    bench.drive.omitFromListings = 1;
    await list(bench.tree, idOf('/now'), asking(0));
    assert.deepEqual(await walk(bench.tree), serverTree(bench));
  });

for (const omitted of [1, 2])
  test(`a file that ${omitted} of a folder's listings leave out is shown in the end`, async () => {
    await follow();
    bench.drive.omitFromListings = omitted;
    await list(bench.tree, idOf('/a'), asking(0));
    assert.deepEqual(await walk(bench.tree), serverTree(bench));
  });
