/** What a power cut left: recognised by another boot without a clean close, and judged with care. */
import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openDatabase } from '../../../src/base/index.js';
import { NEVER, openContentBench, pattern } from '../../support/cache-content.js';
import { asking, openTreeBench, serverTree, walk } from '../../support/cache-tree.js';

/** As if the machine had lost power after the last write. */
function loseSession(path: string, migrations: number): void {
  const database = openDatabase({ path, migrations: new Array(migrations).fill('') });
  database.prepare("UPDATE session SET boot = 'another boot', clean = 0").run();
  database.close();
}

describe('after a power cut', () => {
  it('the tree is shown as it was, and compared as a whole', async () => {
    const bench = await openTreeBench();
    bench.drive.server.makeFolder('/a');
    bench.drive.server.write('/a/one.txt', 'one');
    await bench.follow();
    const before = await walk(bench.tree);
    await bench.tree.close();
    loseSession(join(bench.cacheDir, 'tree.sqlite'), 4);
    await bench.open();
    assert.equal(bench.tree.statistics.complete, false);
    const snapshots = bench.drive.count('snapshot');
    bench.drive.beforeCall = () => new Promise(() => {});
    assert.deepEqual(
      await bench.tree.lookup(bench.tree.root, 'a', asking(Number.POSITIVE_INFINITY)),
      before.get('/a'),
    );
    bench.drive.beforeCall = () => {};
    await bench.follow();
    assert.equal(bench.drive.count('snapshot'), snapshots + 1);
    assert.deepEqual(await walk(bench.tree), serverTree(bench));
    await bench.close();
    assert.deepEqual(bench.complaints, []);
  });

  it('of the content only what was synced is trusted', async () => {
    const bench = await openContentBench();
    for (const item of ['pinned', 'usual']) {
      bench.served.set(item, { version: 'v1', bytes: pattern(10_000) });
      bench.cache.setPinned(item, item === 'pinned');
      const content = bench.cache.open(item, 'v1', 10_000);
      await content.fill(NEVER);
      content.close();
    }
    await bench.cache.close();
    loseSession(join(bench.cacheDir, 'content.sqlite'), 2);
    await bench.open();
    assert.ok(bench.cache.isComplete('pinned', 'v1'));
    assert.equal(bench.cache.isComplete('usual', 'v1'), false);
    await bench.until(() => spaceUsed(bench.cacheDir) === 10_000);
    await bench.close();
    assert.deepEqual(bench.complaints, []);
  });
});

function spaceUsed(cacheDir: string): number {
  const folder = join(cacheDir, 'content', '0');
  return readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
}
