/** What is out of the library while a snapshot is read, and back before it ends: the log tells of the topmost folder alone. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { list, openTreeBench, serverTree, type TreeBench, walk } from '../support/cache-tree.js';

/** More than are looked for one by one. */
const FILES = 60;

describe('what is away while a snapshot is read', () => {
  let bench: TreeBench;

  beforeEach(async () => {
    bench = await openTreeBench();
    const { server } = bench.drive;
    for (const path of ['/d', '/d/sub', '/e']) server.makeFolder(path);
    for (let file = 0; file < FILES; file += 1) server.write(`/d/${file}`, 'first');
    server.write('/d/sub/below', 'first');
    await bench.follow();
  });

  afterEach(async () => {
    await bench.close();
    assert.deepEqual(bench.complaints, []);
  });

  /** The server forgets our place in its log, and `/d` comes back as soon as the snapshot has been made without it. */
  async function awayAndBack(to: string): Promise<void> {
    const { drive } = bench;
    const taken = drive.server.takeAway('/d');
    drive.server.loseTokens();
    drive.afterCall = ({ name }) => {
      if (name !== 'snapshot') return;
      drive.afterCall = () => undefined;
      drive.server.bringBack(taken, to);
    };
    await bench.clock.run(60_000);
    await bench.idle();
    assert.equal(bench.tree.statistics.complete, true);
  }

  for (const to of ['/d', '/e/d']) {
    it(`back at ${to}, nothing of it is out of sight`, async () => {
      await awayAndBack(to);
      assert.deepEqual(await walk(bench.tree), serverTree(bench));
    });

    it(`back at ${to}, what was changed before it went is not what it was`, async () => {
      const { server } = bench.drive;
      server.write('/d/7', 'second');
      server.setModified('/d/sub', bench.clock.now());
      server.write('/d/sub/below', 'second');
      await awayAndBack(to);
      assert.deepEqual(await walk(bench.tree), serverTree(bench));
    });
  }
});

describe('what comes back while the very first snapshot is read', () => {
  let bench: TreeBench;

  beforeEach(async () => {
    bench = await openTreeBench();
    for (const path of ['/d', '/e']) bench.drive.server.makeFolder(path);
    for (const name of ['1', '2', '3']) bench.drive.server.write(`/d/${name}`, 'first');
  });

  afterEach(async () => {
    await bench.close();
    assert.deepEqual(bench.complaints, []);
  });

  /** Somebody here lists the folder `path` once the snapshot is made, and a front end leaves out one of what is in it. */
  async function listedDuringSnapshot(path: string, before: () => void): Promise<void> {
    const { drive } = bench;
    drive.afterCall = async ({ name }) => {
      if (name !== 'snapshot') return;
      drive.afterCall = () => undefined;
      before();
      const top = await list(bench.tree, bench.tree.root!);
      drive.omitFromListings = 1;
      const { id } = top.find(({ name }) => path === `/${name}`)!;
      await list(bench.tree, id);
      assert.equal(drive.omitFromListings, 0);
    };
    await bench.follow();
    await bench.idle();
    assert.equal(bench.tree.statistics.complete, true);
  }

  it('a folder whose only listing left out something is listed once more', async () => {
    const taken = bench.drive.server.takeAway('/d');
    await listedDuringSnapshot('/d', () => bench.drive.server.bringBack(taken, '/d'));
    bench.clock.advance(31_000);
    assert.deepEqual(await walk(bench.tree), serverTree(bench));
  });

  it('one that the snapshot shows is not', async () => {
    await listedDuringSnapshot('/d', () => undefined);
    bench.clock.advance(31_000);
    bench.drive.calls.length = 0;
    assert.deepEqual(await walk(bench.tree), serverTree(bench));
    assert.deepEqual(
      bench.drive.calls.filter(({ name }) => name === 'list'),
      [],
    );
  });
});
