/** What others may do between two polls, told in pages of one change each: nothing is lost, nothing told as removed. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { asking, list, openTreeBench, serverTree, type TreeBench, walk } from '../../support/cache-tree.js';
import type { MemoryServer } from '../../support/memory-server.js';
import type { MemoryTreeSource } from '../../support/memory-tree-source.js';

let bench: TreeBench;

beforeEach(async () => {
  bench = await openTreeBench();
  for (const folder of ['/a', '/b', '/c', '/a/x', '/b/y']) bench.drive.server.makeFolder(folder);
  for (const file of ['/a/1', '/a/x/2', '/b/3', '/b/y/4', '/c/5', '/6']) bench.drive.server.write(file, file);
  (bench.drive.tree as MemoryTreeSource).pageSize = 1;
  await bench.follow();
});
afterEach(async () => {
  await bench.close();
  assert.deepEqual(bench.complaints, []);
});

const CHANGES: Readonly<Record<string, (server: MemoryServer) => void>> = {
  'two folders change their names with each other': (server) => {
    server.move('/a', '/between');
    server.move('/b', '/a');
    server.move('/between', '/b');
  },
  'three names go round in a circle': (server) => {
    server.move('/a', '/between');
    server.move('/b', '/a');
    server.move('/c', '/b');
    server.move('/between', '/c');
  },
  'a folder goes below its own child': (server) => {
    server.move('/a/x', '/x');
    server.move('/a', '/x/a');
  },
  'a folder is replaced by another one of its name, into which its files went': (server) => {
    server.move('/a', '/old');
    server.makeFolder('/a');
    server.move('/old/1', '/a/1');
    server.move('/old/x', '/a/x');
  },
  'only the case of names changes': (server) => {
    server.move('/a', '/A');
    server.move('/6', '/between');
    server.move('/between', '/6');
    server.move('/A/x', '/A/X');
  },
  'out of the library and back, elsewhere': (server) => {
    const taken = server.takeAway('/a');
    server.bringBack(taken, '/c/a');
  },
};

for (const [what, change] of Object.entries(CHANGES)) {
  test(what, async () => {
    const before = new Set([...(await walk(bench.tree)).values()].map(({ id }) => id));
    change(bench.drive.server);
    await bench.tree.pollNow(new AbortController().signal);
    await bench.idle();
    assert.deepEqual(await walk(bench.tree), serverTree(bench));
    for (const told of bench.told) {
      assert.ok(told.kind !== 'removed' || !before.has(told.item.id), `${told.item.name} was never gone`);
    }
  });
}

for (const begunAgain of [null, 'restart', 'crash'] as const)
  test(`what the only listing of a folder that came back left out is shown in the end${begunAgain ? `, after a ${begunAgain}` : ''}`, async () => {
    const { server } = bench.drive;
    const back = server.item(server.find('/a')!).id;
    const taken = server.takeAway('/a');
    await bench.tree.pollNow(new AbortController().signal);
    await bench.idle();
    server.bringBack(taken, '/c/a');
    await bench.tree.pollNow(new AbortController().signal);
    bench.drive.omitFromListings = 1;
    await list(bench.tree, back);
    assert.equal(bench.drive.omitFromListings, 0);
    if (begunAgain !== null) {
      await bench[begunAgain]();
      await bench.follow();
    }
    bench.clock.advance(31_000);
    assert.deepEqual(await walk(bench.tree), serverTree(bench));
    bench.clock.advance(31_000);
    await walk(bench.tree);
    bench.clock.advance(31_000);
    bench.drive.calls.length = 0;
    await walk(bench.tree);
    const listings = bench.drive.calls.filter(({ name }) => name === 'list');
    assert.deepEqual(listings, [], 'changes come by themselves');
  });

test('a folder makes way for a file of its name, and a file for a folder', async () => {
  const { server } = bench.drive;
  server.remove('/a');
  server.write('/a', 'a file now');
  server.remove('/6');
  server.makeFolder('/6');
  server.write('/6/inside', 'x');
  await bench.tree.pollNow(new AbortController().signal);
  await bench.idle();
  assert.deepEqual(await walk(bench.tree), serverTree(bench));
});

test('a round that breaks off in the middle changes nothing, and is told whole the next time', async () => {
  const { drive, tree } = bench;
  const known = await walk(tree);
  drive.server.move('/a/1', '/c/1');
  drive.server.remove('/a');
  drive.server.makeFolder('/a');
  let pages = 0;
  drive.beforeCall = ({ name }) => {
    if (name !== 'changes') return;
    pages += 1;
    if (pages === 3) throw new Error('the line breaks');
  };
  await assert.rejects(tree.pollNow(new AbortController().signal));
  assert.deepEqual(await walk(tree, Number.POSITIVE_INFINITY), known);
  await tree.pollNow(new AbortController().signal);
  await bench.idle();
  assert.deepEqual(await walk(tree), serverTree(bench));
});

test('what counted as gone here while the log told of its move is found where the log put it', async () => {
  const { drive, tree } = bench;
  const { id } = drive.server.find('/a')!;
  drive.server.move('/a', '/moved');
  drive.beforeCall = ({ name }) => {
    // The question is on its way: its answer is older than what we believe of our own doing.
    if (name === 'changes') tree.unlearn(id);
  };
  await tree.pollNow(new AbortController().signal);
  drive.beforeCall = () => {};
  await tree.pollNow(new AbortController().signal);
  await bench.idle();
  assert.deepEqual(await walk(tree), serverTree(bench));
});

test('who asks about one file does not wait until all is in that changed elsewhere', async () => {
  const { drive, tree, clock } = bench;
  const { id } = drive.server.find('/b/3')!;
  for (let number = 0; number < 5; number += 1) drive.server.write(`/c/new ${number}`, 'x');
  const news = drive.server.write('/b/3', 'news that the log tells of in the end');
  const { version } = drive.server.item(news);
  clock.advance(60_000);
  let pages = 0;
  let goOn = () => {};
  drive.beforeCall = async ({ name }) => {
    if (name === 'changes' && ++pages === 3) await new Promise<void>((resolve) => (goOn = resolve));
  };
  const asked = [tree.refresh(id, asking()), tree.refresh(id, asking())];
  await bench.idle();
  asked.push(tree.refresh(id, asking()));
  for (const answer of await Promise.all(asked)) assert.equal(answer?.version, version);
  assert.equal(pages, 3, 'the log is still at it');
  goOn();
  await bench.idle();
  assert.deepEqual(await walk(tree), serverTree(bench));
});

test('what the log says against newer truth of ours is asked for at once, however many items it is', async () => {
  const { drive, tree } = bench;
  const { server } = drive;
  const paths = ['/a/1', '/a/x/2', '/b/3', '/b/y/4', '/c/5', '/6'];
  const items = paths.map((path) => server.item(server.find(path)!));
  const held: (() => void)[] = [];
  let isLearned = false;
  drive.beforeCall = ({ name }) => {
    if (name === 'stat') return new Promise((resolve) => held.push(resolve));
    if (name === 'changes' && !isLearned) {
      isLearned = true;
      for (const item of items) tree.learn(tree.parentOf(item.id)!, item);
    }
    return undefined;
  };
  for (const path of paths) server.setModified(path, bench.clock.now() + 60_000);
  const polled = tree.pollNow(new AbortController().signal);
  await bench.idle();
  assert.equal(held.length, paths.length, 'nobody waits for another one');
  for (const release of held) release();
  await polled;
  assert.deepEqual(await walk(tree), serverTree(bench));
});

test('what is moved again while it is looked for where the log has put it is not taken for gone', async () => {
  const { drive, tree, clock } = bench;
  const { server } = drive;
  const item = server.item(server.find('/6')!);
  server.move('/6', '/c/6');
  let isLearned = false;
  drive.beforeCall = ({ name }) => {
    // Our own word of it comes while the log is asked: which of both is newer nobody knows.
    if (name === 'changes' && !isLearned) {
      isLearned = true;
      tree.learn(tree.root, { ...item, version: `${item.version} ours` });
    }
    if (name !== 'stat' || server.find('/c/6') === undefined) return;
    clock.advance(60_000);
    server.move('/c/6', '/a/7');
  };
  const polled = new AbortController().signal;
  await tree.pollNow(polled);
  assert.notEqual(tree.pathOf(item.id), undefined);
  await tree.pollNow(polled);
  await bench.idle();
  assert.deepEqual(await walk(tree), serverTree(bench));
  assert.deepEqual(
    bench.told.filter(({ kind }) => kind === 'removed'),
    [],
  );
});
