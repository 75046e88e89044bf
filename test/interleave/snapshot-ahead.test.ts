/** The pages of a snapshot: each is asked for while the one before is stored, and takes nothing for newer that this brought. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { openTreeBench, serverTree, type TreeBench, walk } from '../support/cache-tree.js';
import type { MemoryTreeSource } from '../support/memory-tree-source.js';

describe('a snapshot read page after page', () => {
  let bench: TreeBench;

  beforeEach(async () => {
    bench = await openTreeBench();
    for (const name of ['a', 'b', 'c']) bench.drive.server.write(`/${name}`, name);
    (bench.drive.tree as MemoryTreeSource).pageSize = 1;
  });

  afterEach(async () => {
    await bench.close();
    assert.deepEqual(bench.complaints, []);
  });

  it('the next one is on its way while one is stored', async () => {
    const known: number[] = [];
    bench.drive.beforeCall = ({ name }) => {
      if (name === 'snapshot') known.push(bench.tree.statistics.items);
    };
    await bench.follow();
    assert.deepEqual(known, [1, 1, 2]);
    assert.deepEqual(await walk(bench.tree), serverTree(bench));
  });

  it('one that fails is asked for again, and nothing before it', async () => {
    let asked = 0;
    bench.drive.beforeCall = ({ name }) => {
      if (name !== 'snapshot') return;
      asked += 1;
      if (asked === 2) throw new Error('cut');
    };
    bench.start();
    await bench.idle();
    await bench.clock.run(600_000);
    await bench.idle();
    // The first one, which came so early, is read once more in the end.
    assert.equal(asked, 5);
    assert.deepEqual(await walk(bench.tree), serverTree(bench));
    bench.complaints.length = 0;
  });

  it('what one shows in the place of another item is not the last word on that', async () => {
    await bench.follow();
    const { server } = bench.drive;
    server.move('/b', '/between');
    server.move('/a', '/b');
    server.move('/between', '/a');
    server.loseTokens();
    bench.clock.advance(15_000);
    for (let turn = 0; turn < 4; turn += 1) await bench.idle();
    bench.clock.advance(0);
    await bench.idle();
    assert.equal(bench.tree.statistics.complete, true);
    assert.deepEqual(await walk(bench.tree), serverTree(bench));
  });
});
