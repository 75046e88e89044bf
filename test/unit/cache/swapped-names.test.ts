/** Others change names with each other while our place in the log is lost: nobody is told that anything is gone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTreeBench, serverTree, type TreeBench, walk } from '../../support/cache-tree.js';
import type { MemoryServer } from '../../support/memory-server.js';
import type { MemoryTreeSource } from '../../support/memory-tree-source.js';

const CHANGES: Readonly<Record<string, (server: MemoryServer) => void>> = {
  'two files': (server) => swap(server, '/1', '/2'),
  'two files in two folders': (server) => swap(server, '/a/3', '/b/4'),
  'two folders': (server) => swap(server, '/a', '/b'),
  'a folder and a file': (server) => swap(server, '/a', '/1'),
  'two folders, and two files in them': (server) => {
    swap(server, '/a/3', '/b/4');
    swap(server, '/a', '/b');
  },
  'a folder into the one that was in it, and another in its place': (server) => {
    server.move('/c/inner', '/d/inner');
    server.move('/c', '/d/inner/c');
    server.move('/d', '/c');
  },
  'three names go round': (server) => {
    swap(server, '/a/3', '/1');
    swap(server, '/1', '/2');
  },
};

function swap(server: MemoryServer, one: string, other: string): void {
  server.move(one, '/between');
  server.move(other, one);
  server.move('/between', other);
}

async function comparedAsWhole(bench: TreeBench): Promise<void> {
  bench.drive.server.loseTokens();
  for (let round = 0; round < 5; round += 1) {
    bench.clock.advance(60_000);
    await bench.idle();
  }
  assert.ok(bench.tree.statistics.complete);
}

for (const pageSize of [1, 100])
  for (const tellsVersions of [true, false])
    for (const [what, change] of Object.entries(CHANGES)) {
      const how = `${pageSize} to a page, ${tellsVersions ? 'with' : 'without'} versions`;
      test(`${what}, ${how}`, async (context) => {
        const bench = await openTreeBench();
        context.after(() => bench.close());
        Object.assign(bench.drive.tree as MemoryTreeSource, { pageSize, tellsVersions });
        for (const folder of ['/a', '/b', '/c', '/c/inner', '/d']) bench.drive.server.makeFolder(folder);
        for (const file of ['/1', '/2', '/a/3', '/b/4']) bench.drive.server.write(file, file);
        await bench.follow();
        bench.clock.advance(1);
        await walk(bench.tree);
        bench.told.length = 0;
        change(bench.drive.server);
        await comparedAsWhole(bench);
        const kinds = bench.told.map(({ kind, item }) => `${kind} ${item.name}`);
        assert.deepEqual(
          kinds.filter((kind) => !/^(moved|changed) /.test(kind)),
          [],
        );
        assert.deepEqual(await walk(bench.tree), serverTree(bench));
      });
    }

test('what lost its name to another item and is nowhere else is gone in the end', async (context) => {
  const bench = await openTreeBench();
  context.after(() => bench.close());
  Object.assign(bench.drive.tree as MemoryTreeSource, { pageSize: 1 });
  const { server } = bench.drive;
  for (const file of ['/1', '/2', '/3']) server.write(file, file);
  await bench.follow();
  server.remove('/2');
  server.move('/1', '/2');
  await comparedAsWhole(bench);
  assert.deepEqual(await walk(bench.tree), serverTree(bench));
  assert.deepEqual(bench.told.map(({ kind, item }) => `${kind} ${item.name}`).sort(), [
    'changed 2',
    'moved 2',
    'removed 2',
  ]);
});
