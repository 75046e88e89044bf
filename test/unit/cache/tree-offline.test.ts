import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { DriveError } from '../../../src/drive/index.js';
import { asking, list, openTreeBench, serverTree, type TreeBench, walk } from '../../support/cache-tree.js';

describe('a remote tree whose server is away', () => {
  let bench: TreeBench;

  const open = async (withTree: boolean, limits = {}) => {
    bench = await openTreeBench({ withTree }, limits);
    bench.drive.server.makeFolder('/a');
    bench.drive.server.makeFolder('/a/b');
    bench.drive.server.write('/a/b/one.txt', 'one');
  };

  const goAway = () => {
    bench.drive.beforeCall = () => {
      throw new DriveError('unreachable', 'no network');
    };
  };

  afterEach(async () => {
    await bench.close();
    assert.deepEqual(bench.complaints, []);
  });

  it('answers with what is known, however old, and asks only now and then', async () => {
    await open(false);
    const before = await walk(bench.tree);
    goAway();
    bench.clock.advance(3_600_000);
    const calls = bench.drive.calls.length;
    assert.deepEqual(await walk(bench.tree), before);
    const one = before.get('/a/b/one.txt')!;
    assert.deepEqual(await bench.tree.refresh(one.id, asking()), one);
    assert.equal(await bench.tree.lookup(bench.tree.root, 'nothing', asking()), null);
    assert.equal(bench.drive.calls.length, calls + 1);
  });

  it('is there without its cache, knows its root, and finds the rest when the server is back', async () => {
    await open(false);
    const { root } = bench.tree;
    await bench.tree.close();
    rmSync(bench.cacheDir, { recursive: true });
    mkdirSync(bench.cacheDir);
    goAway();
    await bench.open();
    assert.equal(bench.tree.root, root);
    await assert.rejects(async () => list(bench.tree, root, asking()), { kind: 'unreachable' });
    bench.drive.beforeCall = () => undefined;
    bench.clock.advance(60_000);
    assert.deepEqual([...(await walk(bench.tree)).keys()].sort(), ['/a', '/a/b', '/a/b/one.txt']);
  });

  it('says that it could not ask when nothing is known', async () => {
    await open(false);
    goAway();
    await assert.rejects(async () => list(bench.tree, bench.tree.root, asking()), { kind: 'unreachable' });
    await assert.rejects(async () => bench.tree.lookup(bench.tree.root, 'a', asking()), {
      kind: 'unreachable',
    });
  });

  it('opens and shows the whole tree without a network', async () => {
    await open(true);
    await bench.follow();
    goAway();
    await bench.restart();
    bench.start();
    bench.clock.suspend(24 * 3_600_000);
    assert.deepEqual(await walk(bench.tree), serverTree(bench));
  });

  it('gives the known answer when the server takes too long', async () => {
    await open(false);
    const before = await walk(bench.tree);
    bench.drive.beforeCall = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    bench.clock.advance(60_000);
    const listing = Promise.resolve(list(bench.tree, bench.tree.root, asking()));
    await bench.clock.run(5_000);
    assert.deepEqual(await listing, [before.get('/a')]);
  });

  it('after a day of sleep folders and names are known at once, and who glances at files waits for a moment once', async () => {
    await open(true);
    await bench.follow();
    const known = await walk(bench.tree);
    const [folder, file] = [known.get('/a')!, known.get('/a/b/one.txt')!];
    bench.drive.beforeCall = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    bench.clock.suspend(24 * 3_600_000);
    for (const { id } of [{ id: bench.tree.root }, folder])
      assert.ok(
        !(bench.tree.refresh(id, asking()) instanceof Promise),
        'what is in it is known at once, too',
      );
    assert.ok(!(list(bench.tree, folder.id, asking()) instanceof Promise));
    const glance = { ...asking(), isGlance: true };
    const first = Promise.resolve(bench.tree.refresh(file.id, glance));
    const opened = Promise.resolve(bench.tree.refresh(file.id, asking()));
    let isOpened = false;
    opened.then(() => (isOpened = true));
    await bench.clock.run(500);
    assert.deepEqual(await first, file);
    assert.ok(
      !(bench.tree.refresh(file.id, glance) instanceof Promise),
      'nobody waits behind that question again',
    );
    assert.equal(isOpened, false, 'who opens it waits longer');
    await bench.clock.run(5_000);
    assert.deepEqual(await opened, file);
  });

  it('who looks at a folder waits for nobody, and has what came since asked for', async () => {
    await open(true);
    await bench.follow();
    await walk(bench.tree);
    await bench.clock.run(4_000);
    bench.drive.server.write('/late.txt', 'late');
    const { root } = bench.tree;
    const known = () => bench.tree.lookup(root, 'late.txt', asking(Number.POSITIVE_INFINITY));
    assert.equal(await known(), null);
    assert.ok(!(bench.tree.refresh(root, asking(1_000)) instanceof Promise));
    await bench.clock.run(100);
    assert.notEqual(await known(), null);
  });

  it('gives the known answer at once while the server asks for pauses, and asks again afterwards', async () => {
    await open(false);
    const before = await walk(bench.tree);
    bench.server.putsOff = true;
    bench.clock.advance(60_000);
    const calls = bench.drive.calls.length;
    assert.deepEqual(await walk(bench.tree), before);
    assert.equal(bench.drive.calls.length, calls, 'nobody is asked');
    bench.server.putsOff = false;
    await list(bench.tree, bench.tree.root, asking());
    assert.ok(bench.drive.calls.length > calls);
  });

  it('catches up as soon as the server answers again', async () => {
    await open(true);
    await bench.follow();
    goAway();
    await bench.clock.run(60_000);
    bench.drive.server.write('/a/new.txt', 'new');
    bench.drive.beforeCall = () => {};
    await bench.tree.refresh(bench.tree.root, asking(0));
    await bench.idle();
    assert.deepEqual(await walk(bench.tree), serverTree(bench));
  });

  it('reads folder by folder, ahead of a walk, where the server refuses to show its tree', async () => {
    await open(true);
    for (let folder = 0; folder < 40; folder += 1) bench.drive.server.makeFolder(`/a/${folder}`);
    let atOnce = 0;
    let most = 0;
    bench.drive.beforeCall = async (call) => {
      if (call.name === 'currentToken') throw new DriveError('denied', 'not here');
      if (call.name !== 'list') return;
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
    };
    bench.start();
    await bench.idle();
    assert.deepEqual(await walk(bench.tree), serverTree(bench));
    assert.ok(most > 3 && most <= 7, `${most} listings at once`);
    assert.equal(bench.drive.count('list'), 43, 'no folder was listed twice');
    assert.equal(bench.tree.statistics.complete, false);
  });

  it('asks for one name in a folder that is known to be large', async () => {
    await open(false, { largeFolder: 50 });
    for (let file = 0; file < 60; file += 1) bench.drive.server.write(`/${file}.txt`, 'x');
    await list(bench.tree, bench.tree.root, asking());
    bench.drive.server.write('/new.txt', 'new');
    bench.clock.advance(60_000);
    assert.equal((await bench.tree.lookup(bench.tree.root, 'new.txt', asking()))!.size, 3);
    assert.equal(await bench.tree.lookup(bench.tree.root, 'nothing', asking()), null);
    assert.equal(bench.tree.lookup(bench.tree.root, 'nothing', asking()), null);
    assert.equal(bench.drive.count('list'), 1);
    assert.equal(bench.drive.count('stat'), 3);
  });

  it('rebuilds a damaged database', async () => {
    await open(true);
    await bench.follow();
    await bench.tree.close();
    writeFileSync(join(bench.cacheDir, 'tree.sqlite'), 'this is no database, whatever it was before');
    await bench.open();
    assert.deepEqual(await walk(bench.tree), serverTree(bench));
  });

  it('notices that the drive is another one, and drops what it remembered', async () => {
    await open(false);
    await walk(bench.tree);
    const { item } = bench.drive.server;
    bench.drive.server.item = (node) =>
      node.path === '/'
        ? { ...item.call(bench.drive.server, node), id: 'another' }
        : item.call(bench.drive.server, node);
    bench.start();
    await bench.idle();
    assert.match(bench.complaints.splice(0).join(), /another drive/);
    await bench.restart();
    assert.equal(bench.tree.root, 'another');
    assert.equal(bench.tree.statistics.items, 1);
  });
});
