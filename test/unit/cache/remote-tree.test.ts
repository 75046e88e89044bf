import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { DriveError } from '../../../src/drive/index.js';
import {
  asking,
  list,
  openTreeBench,
  readAll,
  serverTree,
  type TreeBench,
  walk,
} from '../../support/cache-tree.js';

describe('a remote tree without a snapshot', () => {
  let bench: TreeBench;

  beforeEach(async () => {
    bench = await openTreeBench({ withTree: false });
    bench.drive.server.makeFolder('/a');
    bench.drive.server.makeFolder('/a/b');
    bench.drive.server.write('/a/b/one.txt', 'one');
    bench.drive.server.write('/two.txt', 'two');
  });

  afterEach(async () => {
    await bench.close();
    assert.deepEqual(bench.complaints, []);
  });

  it('asks once for a listing and then answers at once', async () => {
    const { tree, drive } = bench;
    const items = await list(tree, tree.root, asking());
    assert.deepEqual(items.map((item) => item.name).sort(), ['a', 'two.txt']);
    assert.equal(drive.count('list'), 1);
    assert.ok(!(list(tree, tree.root, asking()) instanceof Promise));
    assert.ok(!(tree.lookup(tree.root, 'a', asking()) instanceof Promise));
    assert.equal(tree.lookup(tree.root, 'A', asking()), null);
    assert.equal(tree.lookup(tree.root, 'nothing', asking()), null);
    assert.equal(drive.count('list'), 1);
  });

  it('believes a listing no longer than changes were to be asked for', async () => {
    const { tree, drive, clock } = bench;
    tree.setPollSeconds(2);
    await list(tree, tree.root, asking());
    drive.server.write('/three.txt', 'three');
    clock.advance(2_000);
    assert.equal((await list(tree, tree.root, asking())).length, 2);
    clock.advance(1);
    assert.equal((await list(tree, tree.root, asking())).length, 3);
  });

  it('asks for the root itself once in a lifetime, too', async () => {
    const { tree, drive, clock } = bench;
    clock.advance(31_000);
    await tree.refresh(tree.root, asking());
    assert.equal(drive.count('stat'), 2, 'at open, and now');
    assert.ok(!(tree.refresh(tree.root, asking()) instanceof Promise));
    clock.advance(31_000);
    await list(tree, tree.root, asking());
    assert.ok(!(tree.refresh(tree.root, asking()) instanceof Promise));
    assert.equal(drive.count('stat'), 2);
  });

  it('shares one question among all who wait', async () => {
    const { tree, drive } = bench;
    const answers = await Promise.all([
      list(tree, tree.root, asking()),
      tree.lookup(tree.root, 'a', asking()),
      tree.lookup(tree.root, 'two.txt', asking()),
    ]);
    assert.equal(drive.calls.length, 2, 'the root at open, and one listing');
    assert.equal((answers[2] as { size: number }).size, 3);
  });

  it('asks again when the answer is too old, and tells what changed', async () => {
    const { tree, drive, clock, told } = bench;
    await walk(tree);
    drive.server.write('/two.txt', 'two and more');
    drive.server.write('/new.txt', 'new');
    drive.server.remove('/a/b/one.txt');
    clock.advance(31_000);
    assert.deepEqual(await walk(tree), serverTree(bench));
    const summary = told.map((change) => `${change.kind} ${change.item.name}`);
    assert.deepEqual(summary.sort(), ['added new.txt', 'changed two.txt', 'removed one.txt']);
  });

  it('knows a path, a parent and a case variant', async () => {
    const { tree } = bench;
    const found = await walk(tree);
    const one = found.get('/a/b/one.txt')!;
    assert.equal(tree.pathOf(one.id), '/a/b/one.txt');
    assert.equal(tree.parentOf(one.id), found.get('/a/b')!.id);
    assert.equal(tree.caseVariant(found.get('/a/b')!.id, 'ONE.txt')?.id, one.id);
    assert.equal(tree.caseVariant(found.get('/a/b')!.id, 'one.txt'), undefined);
  });

  it('looks again for a folder that a move of ours is taking elsewhere', async () => {
    const { tree, drive, clock } = bench;
    const known = await walk(tree);
    const folder = known.get('/a')!;
    tree.expect(folder.id, '/b/a');
    drive.server.move('/a/b', '/b');
    drive.server.move('/a', '/b/a');
    const listing = list(tree, folder.id, asking(0));
    await bench.idle();
    const target = await tree.lookup(tree.root, 'b', asking(0));
    tree.learn(target!.id, drive.server.item(drive.server.find('/b/a')!));
    clock.advance(250);
    assert.deepEqual(await listing, []);
  });

  it('remembers over a restart', async () => {
    await walk(bench.tree);
    await bench.restart();
    const calls = bench.drive.calls.length;
    assert.deepEqual(await walk(bench.tree), serverTree(bench));
    assert.equal(bench.drive.calls.length, calls);
  });
});

describe('a remote tree that is followed', () => {
  let bench: TreeBench;

  beforeEach(async () => {
    bench = await openTreeBench();
    for (const folder of ['/a', '/a/b', '/c']) bench.drive.server.makeFolder(folder);
    for (const file of ['/a/b/one.txt', '/a/two.txt', '/c/three.txt']) bench.drive.server.write(file, file);
    await bench.follow();
  });

  afterEach(async () => {
    await bench.close();
    assert.deepEqual(bench.complaints, []);
  });

  it('knows everything without a listing', async () => {
    assert.deepEqual(await walk(bench.tree), serverTree(bench));
    assert.equal(bench.drive.count('list'), 0);
    assert.equal(bench.tree.statistics.items, 7);
    assert.deepEqual(bench.told, []);
  });

  it('brings in changes within the poll interval', async () => {
    const { drive, clock, tree, told } = bench;
    drive.server.move('/a', '/c/moved');
    drive.server.remove('/c/three.txt');
    drive.server.write('/c/moved/b/new.txt', 'new');
    clock.advance(15_000);
    await bench.idle();
    assert.deepEqual(await walk(tree), serverTree(bench));
    assert.deepEqual(
      told.map((change) => `${change.kind} ${change.item.name}`),
      ['moved moved', 'changed moved', 'added new.txt', 'removed three.txt'],
    );
    assert.equal(drive.count('list'), 0);
  });

  it('confirms a single item that is older than it may be, by questions shared by everybody', async () => {
    const { drive, clock, tree } = bench;
    const found = await walk(tree);
    const [one, two] = [found.get('/a/b/one.txt')!, found.get('/a/two.txt')!];
    drive.server.write('/a/b/one.txt', 'one and more');
    clock.advance(2_000);
    assert.ok(!(tree.refresh(one.id, asking(3_000)) instanceof Promise), 'young enough');
    const calls = drive.calls.length;
    const [now] = await Promise.all([one, two].map(({ id }) => tree.refresh(id, asking(1_000))));
    assert.equal(now?.size, 'one and more'.length);
    // Who comes while it is asked can't know whether it was asked early enough.
    assert.deepEqual(
      drive.calls.slice(calls).map(({ name }) => name),
      ['changes', 'changes'],
    );
    assert.ok(!(tree.refresh(two.id, asking(1_000)) instanceof Promise));
  });

  it('tells of no removal when a folder is moved and the log shows first what is in it', async () => {
    const { drive, told } = bench;
    drive.server.write('/a/two.txt', 'edited');
    drive.server.move('/a', '/moved');
    bench.clock.advance(15_000);
    await bench.idle();
    assert.deepEqual(await walk(bench.tree), serverTree(bench));
    const summary = told.map((change) => `${change.kind} ${change.item.name}`);
    assert.deepEqual(summary.sort(), ['changed moved', 'changed two.txt', 'moved moved']);
  });

  it('starts again from where it was', async () => {
    await bench.restart();
    bench.drive.server.write('/c/late.txt', 'late');
    assert.equal(bench.tree.statistics.complete, true);
    const calls = bench.drive.calls.length;
    await walk(bench.tree);
    assert.equal(bench.drive.calls.length, calls);
    await bench.follow();
    await bench.idle();
    assert.deepEqual(await walk(bench.tree), serverTree(bench));
    assert.equal(bench.drive.count('snapshot'), 1);
  });

  it('gives a large folder away page by page, without reading all of it first', async () => {
    const { drive, tree } = bench;
    for (let file = 0; file < 5_500; file += 1) drive.server.write(`/c/${file}.txt`, 'x');
    await tree.pollNow(new AbortController().signal);
    const reader = await tree.children(drive.server.item(drive.server.find('/c')!).id, asking());
    assert.equal(reader.next(500).length, 500);
    const rest = readAll(reader).length;
    assert.equal(rest, 5_001);
  });

  it('shows what changes in a folder while it is read', async () => {
    const { drive, tree } = bench;
    for (let file = 0; file < 2_500; file += 1) drive.server.write(`/c/${file}.txt`, 'x');
    await tree.pollNow(new AbortController().signal);
    const folder = drive.server.item(drive.server.find('/c')!).id;
    const reader = await tree.children(folder, asking());
    const passed = reader.next(100).map(({ name }) => name);
    const item = (path: string) => drive.server.item(drive.server.find(path)!);
    const ahead = drive.server.children('/c').filter(({ path }) => !passed.includes(path.slice(3)));
    tree.unlearn(item(ahead[0]!.path).id);
    const renamed = drive.server.move(ahead[1]!.path, '/c/other name.txt');
    tree.learn(folder, drive.server.item(renamed));
    const names = new Set([...passed, ...readAll(reader).map(({ name }) => name)]);
    assert.equal(names.size, 2_500);
    assert.ok(names.has('other name.txt') && !names.has(ahead[0]!.path.slice(3)));
  });

  it('keeps the time since when a file is there over a new content of ours', async () => {
    const { drive, tree } = bench;
    const before = (await walk(tree)).get('/a/two.txt')!;
    bench.clock.advance(3_600_000);
    const item = drive.server.item(drive.server.write('/a/two.txt', 'ours, longer'));
    tree.learn(tree.parentOf(item.id)!, { ...item, createdMs: item.modifiedMs });
    assert.deepEqual(tree.peek(item.id), { ...item, createdMs: before.createdMs });
  });

  it('does not take what we did ourselves for a change of others', async () => {
    const { drive, tree, told } = bench;
    const node = drive.server.write('/mine.txt', 'mine');
    tree.learn(tree.root, drive.server.item(node));
    tree.unlearn(drive.server.item(drive.server.find('/c/three.txt')!).id);
    drive.server.remove('/c/three.txt');
    await tree.pollNow(new AbortController().signal);
    assert.deepEqual(told, []);
    assert.deepEqual(await walk(tree), serverTree(bench));
  });

  it('compares and keeps when its place in the change log is lost', async () => {
    const { drive, tree, told, clock } = bench;
    drive.server.remove('/a/two.txt');
    drive.server.write('/c/three.txt', 'longer than before');
    drive.server.loseTokens();
    clock.advance(15_000);
    await bench.idle();
    clock.advance(0);
    await bench.idle();
    assert.equal(tree.statistics.complete, true);
    assert.deepEqual(await walk(tree), serverTree(bench));
    const summary = told.map((change) => `${change.kind} ${change.item.name}`);
    assert.deepEqual(summary.sort(), ['changed three.txt', 'removed two.txt']);
  });

  it('fails nobody who waits for what changed when the server shows its tree no more', async () => {
    const { drive, tree } = bench;
    drive.server.loseTokens();
    drive.beforeCall = ({ name }) => {
      if (name === 'currentToken') throw new DriveError('denied', 'not here any more');
    };
    const waiting = [tree.catchUp(asking(0)), tree.catchUp(asking(0))];
    assert.deepEqual(await Promise.all(waiting), [false, false]);
    assert.deepEqual(await walk(tree), serverTree(bench));
  });

  it('hides nothing that was moved elsewhere while its place in the change log is lost', async () => {
    const { drive, tree, told, clock } = bench;
    const known = await walk(tree);
    let release = () => {};
    const isRead = new Promise<void>((resolve) => {
      release = resolve;
    });
    drive.beforeCall = ({ name }) => (name === 'snapshot' ? isRead : undefined);
    drive.server.loseTokens();
    drive.server.move('/a/two.txt', '/c/two.txt');
    drive.server.remove('/a/b/one.txt');
    clock.advance(15_000);
    await bench.idle();
    assert.equal(tree.statistics.complete, false);
    assert.ok((await list(tree, known.get('/a')!.id, asking(0))).some(({ name }) => name === 'two.txt'));
    await tree.refresh(known.get('/a/two.txt')!.id, asking(0));
    assert.equal(tree.pathOf(known.get('/a/two.txt')!.id), '/a/two.txt');
    await list(tree, known.get('/c')!.id, asking(0));
    assert.equal(tree.pathOf(known.get('/a/two.txt')!.id), '/c/two.txt');
    release();
    await bench.idle();
    clock.advance(0);
    await bench.idle();
    assert.equal(tree.statistics.complete, true);
    assert.deepEqual(await walk(tree), serverTree(bench));
    const removed = told.filter(({ kind }) => kind === 'removed').map(({ item }) => item.name);
    assert.deepEqual(removed, ['one.txt']);
  });
});
