/** Large folders that change as a whole: others get a turn in between, and see nothing that is not so. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RemoteChange } from '../../../src/cache/index.js';
import { FOREVER, openTreeBench, serverTree, type TreeBench, walk } from '../../support/cache-tree.js';

/** Far more than anybody stores, or tells of, in one slice. */
const FILES = 5_000;
const EACH = 50;
/** Until nothing of ours counts as recent. */
const LATER_MS = 60_000;
let bench: TreeBench;

beforeEach(async () => {
  bench = await openTreeBench();
  for (const folder of ['/a', '/b']) bench.drive.server.makeFolder(folder);
  for (let file = 0; file < FILES; file += 1) bench.drive.server.write(`/a/${file}`, '');
  await bench.follow();
  bench.clock.advance(LATER_MS);
  await bench.idle();
});
afterEach(async () => {
  await bench.close();
  assert.deepEqual(bench.complaints, []);
});

const idOf = (path: string) => bench.drive.server.item(bench.drive.server.find(path)!).id;

/** What `look` says in each turn until the change log is read. */
async function whileRead(look: () => number): Promise<number[]> {
  const seen: number[] = [];
  let isRead = false;
  const reading = bench.tree.pollNow(FOREVER).finally(() => {
    isRead = true;
  });
  while (!isRead) {
    seen.push(look());
    await nextTurn();
  }
  await reading;
  return [...seen, look()];
}

test('what was seen in a moved folder before the folder itself comes into it a few at a time, each for good', async () => {
  const { server } = bench.drive;
  const folder = idOf('/a');
  server.move('/a', '/b/a');
  server.log.pop();
  const sample: string[] = [];
  for (let file = 0; file < FILES; file += 1) {
    const item = server.item(server.find(`/b/a/${file}`)!);
    server.log.push({ kind: 'put', placed: { path: `/b/a/${file}`, item } });
    if (file % EACH === 0) sample.push(item.id);
  }
  const seen = await whileRead(() => sample.filter((id) => bench.tree.parentOf(id) === folder).length);
  const coming = seen.slice(seen.lastIndexOf(Math.min(...seen)));
  assert.ok(
    coming.some((count) => count > coming[0]! && count < sample.length),
    `${coming} of ${sample.length}`,
  );
  assert.deepEqual(
    coming,
    coming.toSorted((one, other) => one - other),
    'none goes again',
  );
  assert.deepEqual(await walk(bench.tree), serverTree(bench));
});

test('many changes are told of while the rest of them is stored', async () => {
  const { server } = bench.drive;
  for (let file = 0; file < FILES; file += 1) server.write(`/a/${file}`, 'changed');
  const batches: number[] = [];
  bench.tree.subscribe((changes) => batches.push(changes.length));
  await bench.tree.pollNow(FOREVER);
  assert.ok(batches.length > 1, `${batches}`);
  assert.equal(
    batches.reduce((sum, one) => sum + one),
    FILES,
  );
});

/** How many changes of that kind each telling had. */
function toldTogether(kind: RemoteChange['kind']): number[] {
  const batches: number[] = [];
  bench.tree.subscribe((changes) => {
    const count = changes.filter((change) => change.kind === kind).length;
    if (count > 0) batches.push(count);
  });
  return batches;
}

function assertInParts(batches: readonly number[], all: number): void {
  assert.ok(batches.length > 1, `${batches}`);
  const sum = batches.reduce((before, one) => before + one, 0);
  assert.equal(sum, all);
}

test('what was seen in a new folder before the folder itself is told of a few at a time', async () => {
  const { server } = bench.drive;
  server.makeFolder('/b/new');
  server.log.pop();
  for (let file = 0; file < FILES; file += 1) server.move(`/a/${file}`, `/b/new/${file}`);
  const moved = toldTogether('moved');
  await bench.tree.pollNow(FOREVER);
  assertInParts(moved, FILES);
  assert.deepEqual(await walk(bench.tree), serverTree(bench));
});

test('what others have taken the places of is told of as gone a few at a time', async () => {
  const { server } = bench.drive;
  const before = server.log.length;
  for (let file = 0; file < FILES; file += 1) {
    server.remove(`/a/${file}`);
    server.write(`/a/${file}`, 'another');
  }
  const told = server.log.splice(before);
  server.log.push(...told.filter(({ kind }) => kind === 'put'));
  const removed = toldTogether('removed');
  await bench.tree.pollNow(FOREVER);
  assertInParts(removed, FILES);
  assert.deepEqual(await walk(bench.tree), serverTree(bench));
});

for (const isKnown of [false, true]) {
  const how = isKnown ? 'put into the place of' : 'made instead of';
  test(`what a snapshot shows before the folder, which was ${how} another one, comes into it a few at a time`, async () => {
    const { server } = bench.drive;
    server.makeFolder('/new');
    if (isKnown) await bench.tree.pollNow(FOREVER);
    for (let file = 0; file < FILES; file += 1) if (file % 5 > 0) server.move(`/a/${file}`, `/new/${file}`);
    server.remove('/a');
    const { id } = server.move('/new', '/a');
    server.loseTokens();
    const moved = toldTogether('moved');
    await bench.tree.pollNow(FOREVER);
    await bench.follow();
    assertInParts(moved, isKnown ? FILES * 0.8 + 1 : FILES);
    assert.equal(bench.tree.pathOf(id), '/a');
    assert.deepEqual(await walk(bench.tree), serverTree(bench));
  });
}
