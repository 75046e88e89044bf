/** "Newer local truth beats a late answer": the test chooses when an answer of the server arrives. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { DriveError, type DriveItem } from '../../src/drive/index.js';
import { asking, FOREVER, list, openTreeBench, type TreeBench } from '../support/cache-tree.js';
import type { MemoryCallName } from '../support/memory-drive.js';

/** Holds back the next answer to a call of that name; the server has answered, we have not heard it. */
function holdAnswer(bench: TreeBench, name: MemoryCallName): { release: () => void; held: Promise<void> } {
  let release = () => {};
  let isHeld = () => {};
  const held = new Promise<void>((resolve) => {
    isHeld = resolve;
  });
  const { afterCall } = bench.drive;
  bench.drive.afterCall = async (call) => {
    if (call.name !== name) return;
    bench.drive.afterCall = afterCall;
    isHeld();
    await new Promise<void>((resolve) => {
      release = resolve;
    });
  };
  return { release: () => release(), held };
}

describe('late answers, folder by folder', () => {
  let bench: TreeBench;
  let known: DriveItem;

  const itemAt = (path: string) => bench.drive.server.item(bench.drive.server.find(path)!);

  beforeEach(async () => {
    bench = await openTreeBench({ withTree: false });
    bench.drive.server.makeFolder('/folder');
    bench.drive.server.write('/known.txt', 'known');
    const items = await list(bench.tree, bench.tree.root, asking());
    known = items.find((item) => item.name === 'known.txt')!;
    bench.clock.advance(60_000);
  });

  afterEach(async () => {
    await bench.close();
    assert.deepEqual(bench.complaints, []);
    assert.deepEqual(bench.told, []);
  });

  const listLate = async (meanwhile: () => void): Promise<string[]> => {
    const { release, held } = holdAnswer(bench, 'list');
    const listing = Promise.resolve(list(bench.tree, bench.tree.root, asking()));
    await held;
    meanwhile();
    release();
    return (await listing).map((item) => `${item.name} ${item.size}`).sort();
  };

  it('a listing made before our upload does not hide the new file', async () => {
    const names = await listLate(() => {
      const node = bench.drive.server.write('/new.txt', 'new');
      bench.tree.learn(bench.tree.root, bench.drive.server.item(node));
    });
    assert.deepEqual(names, ['folder 0', 'known.txt 5', 'new.txt 3']);
  });

  it('a listing made before our removal does not bring the file back', async () => {
    const names = await listLate(() => {
      bench.drive.server.remove('/known.txt');
      bench.tree.unlearn(known.id);
    });
    assert.deepEqual(names, ['folder 0']);
  });

  it('a listing made before our rename does not undo it', async () => {
    const names = await listLate(() => {
      bench.drive.server.move('/known.txt', '/folder/renamed.txt');
      bench.tree.learn(itemAt('/folder').id, itemAt('/folder/renamed.txt'));
    });
    assert.deepEqual(names, ['folder 0']);
    assert.equal(bench.tree.pathOf(known.id), '/folder/renamed.txt');
  });

  it('an old version seen late does not replace the one that we uploaded', async () => {
    const { release, held } = holdAnswer(bench, 'stat');
    const refreshed = Promise.resolve(bench.tree.refresh(known.id, asking()));
    await held;
    bench.drive.server.write('/known.txt', 'longer than before');
    bench.tree.learn(bench.tree.root, itemAt('/known.txt'));
    release();
    assert.equal((await refreshed)!.size, 18);
  });

  it('a server that lags behind our writing does not undo it, for a while', async () => {
    const { server } = bench.drive;
    server.write('/known.txt', 'longer than before');
    bench.tree.learn(bench.tree.root, itemAt('/known.txt'));
    const { item } = server;
    server.item = (node) => (node.id === known.id ? known : item.call(server, node));
    assert.equal((await bench.tree.refresh(known.id, asking(0)))!.size, 18);
    server.item = item;
    bench.clock.advance(60_000);
    assert.equal((await bench.tree.refresh(known.id, asking(0)))!.size, 18);
  });

  it('a folder that the server does not show yet is looked for again', async () => {
    const folder = bench.drive.server.makeFolder('/fresh');
    bench.tree.learn(bench.tree.root, bench.drive.server.item(folder));
    let refusals = 2;
    bench.drive.beforeCall = (call) => {
      if (call.name !== 'list' || refusals === 0) return;
      refusals -= 1;
      throw new DriveError('absent', 'not yet');
    };
    const listing = Promise.resolve(list(bench.tree, itemAt('/fresh').id, asking()));
    await bench.idle();
    await bench.clock.run(5_000);
    assert.deepEqual(await listing, []);
  });

  it('an item that one listing leaves out is not gone', async () => {
    const { children } = bench.drive.server;
    bench.drive.server.children = (path) =>
      children.call(bench.drive.server, path).filter((node) => node.id !== known.id);
    const items = await list(bench.tree, bench.tree.root, asking());
    assert.ok(items.some((item) => item.id === known.id));
    assert.equal(bench.drive.calls.at(-1)!.name, 'stat');
  });

  it('who leaves does not take the answer from who stays', async () => {
    const { release, held } = holdAnswer(bench, 'list');
    const leaving = new AbortController();
    const left = Promise.resolve(list(bench.tree, bench.tree.root, { ...asking(), signal: leaving.signal }));
    const stayed = Promise.resolve(list(bench.tree, bench.tree.root, asking()));
    await held;
    leaving.abort(new Error('interrupted'));
    await assert.rejects(left, /interrupted/);
    release();
    assert.equal((await stayed).length, 2);
    assert.equal(bench.drive.count('list'), 2);
  });

  it('nobody left, nothing asked', async () => {
    holdAnswer(bench, 'list');
    const leaving = new AbortController();
    const left = Promise.resolve(list(bench.tree, bench.tree.root, { ...asking(), signal: leaving.signal }));
    leaving.abort(new Error('interrupted'));
    await assert.rejects(left, /interrupted/);
    await bench.idle();
    assert.ok(bench.drive.calls.at(-1)!.signal.aborted);
  });
});

describe('late answers, followed by the change log', () => {
  let bench: TreeBench;

  beforeEach(async () => {
    bench = await openTreeBench();
    bench.drive.server.makeFolder('/folder');
    bench.drive.server.write('/known.txt', 'known');
  });

  afterEach(async () => {
    await bench.close();
    assert.deepEqual(bench.complaints, []);
  });

  it('a snapshot page read before our removal does not bring the file back', async () => {
    const id = bench.drive.server.find('/known.txt')!.id;
    await list(bench.tree, bench.tree.root, asking());
    const { release, held } = holdAnswer(bench, 'snapshot');
    bench.start();
    await held;
    bench.drive.server.remove('/known.txt');
    bench.tree.unlearn(id);
    release();
    await bench.idle();
    assert.equal(bench.tree.statistics.complete, true);
    assert.equal(bench.tree.peek(id), undefined);
  });

  it('somebody elses newer version is not lost because ours came to know of ours late', async () => {
    await bench.follow();
    const { server } = bench.drive;
    const ours = server.item(server.write('/known.txt', 'ours, longer'));
    server.write('/known.txt', 'theirs, later and longer');
    const { release, held } = holdAnswer(bench, 'changes');
    const polled = bench.tree.pollNow(FOREVER);
    await held;
    bench.tree.learn(bench.tree.root, ours);
    release();
    await polled;
    assert.equal(bench.tree.peek(ours.id)!.size, 24);
  });

  it('a poll that began before is not taken for one that knows', async () => {
    await bench.follow();
    const { server } = bench.drive;
    const { release, held } = holdAnswer(bench, 'changes');
    const early = bench.tree.pollNow(FOREVER);
    await held;
    const node = server.write('/new.txt', 'new');
    const late = bench.tree.pollNow(FOREVER);
    release();
    await Promise.all([early, late]);
    assert.equal(bench.tree.peek(node.id)?.name, 'new.txt');
  });

  it('what was moved while we looked for it is found where it is', async () => {
    await bench.follow();
    const { server } = bench.drive;
    const node = server.move('/known.txt', '/folder/moved.txt');
    const found = await bench.tree.refresh(node.id, asking(0));
    assert.equal(found!.name, 'moved.txt');
    assert.deepEqual(
      bench.told.map(({ kind }) => kind),
      ['moved', 'changed'],
    );
  });
});
