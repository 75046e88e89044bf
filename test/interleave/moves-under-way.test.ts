/**
 * Answers tell of items by the paths that they had on the server. Folders that are moved meanwhile have other paths there
 * than we know of, or had them: what is in them stays in them.
 */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { DriveItem } from '../../src/drive/index.js';
import { asking, FOREVER, list, openTreeBench, type TreeBench } from '../support/cache-tree.js';
import type { MemoryCallName } from '../support/memory-drive.js';

describe('what is told of while folders are moved', () => {
  let bench: TreeBench;

  const itemAt = (path: string): DriveItem => bench.drive.server.item(bench.drive.server.find(path)!);
  const learn = (folder: string, path: string, isNew = false) =>
    bench.tree.learn(folder === '/' ? bench.tree.root : itemAt(folder).id, itemAt(path), isNew);
  const write = (folder: string, name: string): string => {
    const { id } = bench.drive.server.write(`${folder}/${name}`, name);
    learn(folder, `${folder}/${name}`, true);
    return id;
  };
  const move = (from: string, to: string, folder: string) => {
    bench.drive.server.move(from, to);
    learn(folder, to);
  };
  const isToldRemoved = () => bench.told.some(({ kind }) => kind === 'removed');
  /** Of the next call of that name, done once: before the server answers, or before the answer arrives. */
  const once = (when: 'beforeCall' | 'afterCall', name: MemoryCallName, act: () => Promise<void> | void) => {
    bench.drive[when] = async (call) => {
      if (call.name !== name) return;
      bench.drive[when] = () => {};
      await act();
    };
  };

  beforeEach(async () => {
    bench = await openTreeBench();
    for (const path of ['/x', '/c', '/c/b']) bench.drive.server.makeFolder(path);
    await bench.follow();
  });

  afterEach(async () => {
    await bench.close();
    assert.deepEqual(bench.complaints, []);
  });

  it('the server has moved a folder to where another one of ours was, and we have not heard of it', async () => {
    const id = write('/x', 'file');
    move('/x', '/c/b/x', '/c/b');
    once('beforeCall', 'changes', () => {
      bench.tree.expect(itemAt('/c').id, '/x');
      bench.drive.server.move('/c', '/x');
    });
    await bench.tree.pollNow(FOREVER);
    learn('/', '/x');
    assert.equal(bench.tree.pathOf(id), '/x/b/x/file');
  });

  it('a page was made before we moved a folder, and another one to where that was', async () => {
    const id = write('/x', 'file');
    once('afterCall', 'changes', () => {
      move('/x', '/c/b/x', '/c/b');
      move('/c', '/x', '/');
    });
    await bench.tree.pollNow(FOREVER);
    assert.equal(bench.tree.pathOf(id), '/x/b/x/file');
  });

  it('somebody moved a folder, which a listing told of before the page of changes that is older', async () => {
    const { server } = bench.drive;
    const { id } = server.write('/x/file', 'theirs');
    await bench.tree.pollNow(FOREVER);
    server.write('/x/file', 'theirs, changed');
    let listing: unknown;
    once('afterCall', 'changes', async () => {
      server.move('/x', '/c/y');
      listing = list(bench.tree, itemAt('/c').id, asking(0));
      await bench.idle();
    });
    await bench.tree.pollNow(FOREVER);
    await listing;
    assert.equal(bench.tree.pathOf(id), '/c/y/file');
  });

  /** Others put a folder in the place of `/x/b`, and the log does not say that this has gone. */
  const replacedUntold = async () => {
    const { server } = bench.drive;
    const before = server.log.length;
    server.remove('/x/b');
    server.log.length = before;
    const { id } = server.makeFolder('/x/b');
    await bench.tree.pollNow(FOREVER);
    assert.equal(bench.tree.pathOf(id), '/x/b');
  };

  /** Ours has left it, and others have made a folder there. */
  const othersWhereOursWas = async () => {
    const { server } = bench.drive;
    move('/x', '/c/y', '/c');
    server.makeFolder('/x');
    server.write('/x/b', 'theirs');
    await bench.tree.pollNow(FOREVER);
    return server;
  };

  it('where a folder of ours was, others made one, and what they put there takes the place of what is gone', async () => {
    const server = await othersWhereOursWas();
    server.remove('/x/b');
    const { id } = server.makeFolder('/x/b');
    await bench.tree.pollNow(FOREVER);
    assert.equal(bench.tree.pathOf(id), '/x/b');
  });

  it('a page after one that knew of our move knows of it, whatever it shows', async () => {
    await othersWhereOursWas();
    await replacedUntold();
  });

  it('a move takes long: what is in the folder is found at its new place, and is not gone', async () => {
    const id = write('/x', 'file');
    bench.clock.advance(60_000);
    await bench.idle();
    bench.tree.expect(itemAt('/x').id, '/c/x');
    bench.drive.server.move('/x', '/c/x');
    const looked = Promise.resolve(bench.tree.refresh(id, asking(0)));
    await bench.idle();
    await bench.clock.run(60_000);
    assert.equal((await looked)?.id, id);
    learn('/c', '/c/x');
    assert.equal(bench.tree.pathOf(id), '/c/x/file');
  });

  it('a move that came to nothing is none', async () => {
    const id = write('/x', 'file');
    const end = bench.tree.expect(itemAt('/x').id, '/c/x');
    end();
    bench.drive.server.write('/x/file', 'theirs');
    await bench.tree.pollNow(FOREVER);
    assert.equal(bench.tree.pathOf(id), '/x/file');
    assert.equal(bench.tree.peek(id)?.size, 6);
  });

  it('what we put over a file stays there when an older page still has that file', async () => {
    const { server } = bench.drive;
    server.write('/c/b/file', 'theirs');
    const ours = write('/x', 'file');
    once('afterCall', 'changes', () => {
      server.remove('/c/b/file');
      move('/x/file', '/c/b/file', '/c/b');
    });
    await bench.tree.pollNow(FOREVER);
    assert.equal(bench.tree.pathOf(ours), '/c/b/file');
  });

  it('an answer about a folder that is gone is not taken for one about whatever came after it', async () => {
    const { server } = bench.drive;
    const top = server.makeFolder('/c/top');
    learn('/c', '/c/top', true);
    const inner = server.makeFolder('/c/top/inner');
    learn('/c/top', '/c/top/inner', true);
    let id = '';
    once('afterCall', 'list', async () => {
      server.remove('/c/top');
      bench.tree.unlearn(top.id);
      await bench.idle();
      for (const name of ['one', 'inner']) {
        id = server.makeFolder(`/${name}`).id;
        learn('/', `/${name}`, true);
      }
    });
    const listing = Promise.resolve(list(bench.tree, inner.id, asking(0))).catch(() => null);
    for (let turn = 0; turn < 4; turn += 1) await bench.idle();
    assert.equal(bench.tree.pathOf(id), '/inner');
    await bench.clock.run(60_000);
    await listing;
    assert.equal(bench.tree.pathOf(id), '/inner');
    assert.deepEqual(bench.told, []);
  });

  it('others move a folder to where a file of ours was, into that folder: it is in sight all the while', async () => {
    const { server } = bench.drive;
    const id = write('/x', 'file');
    bench.clock.advance(60_000);
    await bench.idle();
    const { id: folder } = server.makeFolder('/c/b/y');
    await bench.tree.pollNow(FOREVER);
    once('beforeCall', 'changes', () => {
      bench.tree.expect(id, '/c/b/y/file');
      server.move('/x/file', '/c/b/y/file');
      server.move('/c/b/y', '/x/file');
    });
    await bench.tree.pollNow(FOREVER);
    assert.equal(bench.tree.pathOf(folder), '/x/file');
    assert.equal(bench.tree.pathOf(id), '/x/file/file');
    assert.equal(isToldRemoved(), false);
  });

  it('what others made in a folder just before we moved it is not in one that a lost move of ours was for', async () => {
    const { server } = bench.drive;
    const lost = server.makeFolder('/b');
    learn('/', '/b', true);
    const end = bench.tree.expect(lost.id, '/x/x');
    end();
    server.remove('/b');
    await bench.tree.pollNow(FOREVER);
    let id = '';
    once('beforeCall', 'changes', () => {
      id = server.write('/x/x', 'theirs').id;
      once('afterCall', 'changes', () => move('/x', '/c/y', '/c'));
    });
    await bench.tree.pollNow(FOREVER);
    assert.equal(bench.tree.pathOf(id), '/c/y/x');
  });

  it('what others moved out of a folder is not looked for below one that we moved there and back', async () => {
    const { server } = bench.drive;
    server.makeFolder('/a');
    const { id } = server.makeFolder('/a/f');
    await bench.tree.pollNow(FOREVER);
    server.move('/a', '/c/x');
    await bench.tree.pollNow(FOREVER);
    move('/c', '/a', '/');
    move('/a', '/c', '/');
    await bench.tree.pollNow(FOREVER);
    server.move('/c/x/f', '/c/f');
    await bench.tree.pollNow(FOREVER);
    assert.equal(bench.tree.pathOf(id), '/c/f');
  });

  it('what others moved into a folder which they then moved to where it had been is in sight all the while', async () => {
    const { server } = bench.drive;
    let id = '';
    once('beforeCall', 'changes', () => {
      id = write('/c', 'file');
      server.move('/c/file', '/x/file');
      bench.drive.beforeCall = ({ name, path }) => {
        if (name === 'stat' && path === '/x/file') server.move('/x', '/c/file');
      };
    });
    await bench.tree.pollNow(FOREVER);
    await bench.tree.pollNow(FOREVER);
    assert.equal(bench.tree.pathOf(id), '/c/file/file');
    assert.equal(isToldRemoved(), false);
  });

  it('others moved a folder back before we moved the one that it is in', async () => {
    const { server } = bench.drive;
    const { id } = server.makeFolder('/x/p');
    await bench.tree.pollNow(FOREVER);
    move('/x/p', '/x/q', '/x');
    await bench.tree.pollNow(FOREVER);
    server.move('/x/q', '/x/p');
    once('afterCall', 'changes', () => move('/x', '/c/y', '/c'));
    await bench.tree.pollNow(FOREVER);
    assert.equal(bench.tree.pathOf(id), '/c/y/p');
  });

  it('where a folder was that others moved we made one, which proves to a later page that the first had left', async () => {
    const { server } = bench.drive;
    server.move('/x', '/c/y');
    await bench.tree.pollNow(FOREVER);
    server.makeFolder('/x');
    learn('/', '/x', true);
    write('/x', 'b');
    await bench.tree.pollNow(FOREVER);
    await replacedUntold();
  });

  it('a page that shows a folder above as well was made before we moved a folder out of that one', async () => {
    const { server } = bench.drive;
    const { id } = itemAt('/x');
    move('/c', '/d', '/');
    server.move('/x', '/d/b/x');
    once('afterCall', 'changes', () => move('/d/b', '/e', '/'));
    await bench.tree.pollNow(FOREVER);
    assert.equal(bench.tree.pathOf(id), '/e/x');
  });

  it('a file that we moved there and back while it was looked for is not gone', async () => {
    const { server } = bench.drive;
    const id = write('/x', 'file');
    bench.clock.advance(60_000);
    await bench.idle();
    once('beforeCall', 'stat', () => {
      bench.tree.expect(id, '/c/file');
      server.move('/x/file', '/c/file');
    });
    const looked = Promise.resolve(bench.tree.refresh(id, asking(0)));
    await bench.idle();
    const looks = bench.drive.count('stat');
    bench.drive.beforeCall = ({ name }) => {
      if (name !== 'changes' || bench.drive.count('stat') < looks + 4) return;
      bench.drive.beforeCall = () => {};
      learn('/c', '/c/file');
      move('/c/file', '/x/file', '/x');
    };
    await bench.clock.run(60_000);
    assert.equal((await looked)?.id, id);
    assert.equal(isToldRemoved(), false);
  });

  it('what others moved to where a refused move of ours would have put it is there', async () => {
    const { server } = bench.drive;
    const { id } = server.makeFolder('/x/f');
    await bench.tree.pollNow(FOREVER);
    const end = bench.tree.expect(itemAt('/x').id, '/c');
    end(true);
    server.move('/x/f', '/c/f');
    await bench.tree.pollNow(FOREVER);
    assert.equal(bench.tree.pathOf(id), '/c/f');
  });

  it('a folder of ours has left its place, whose answer is lost, and others moved the one there that it is in', async () => {
    const { server } = bench.drive;
    const ours = itemAt('/x').id;
    const id = write('/c', 'file');
    await bench.tree.pollNow(FOREVER);
    const end = bench.tree.expect(ours, '/c/b/x');
    server.move('/x', '/c/b/x');
    end();
    server.move('/c', '/x');
    server.write('/x/file', 'theirs');
    await bench.tree.pollNow(FOREVER);
    assert.deepEqual([bench.tree.pathOf(ours), bench.tree.pathOf(id)], ['/x/b/x', '/x/file']);
    assert.equal(isToldRemoved(), false);
  });

  it('what is in a folder that others moved on while we moved it is in sight all the while', async () => {
    const { server } = bench.drive;
    const { id } = server.write('/x/file', 'theirs');
    const folder = itemAt('/x').id;
    await bench.tree.pollNow(FOREVER);
    const seen: unknown[] = [];
    once('beforeCall', 'changes', () => {
      move('/x', '/y', '/');
      server.move('/y', '/c/x');
      server.write('/c/x/file', 'more of theirs');
      bench.drive.beforeCall = ({ name }) => {
        if (name === 'stat') seen.push(bench.tree.parentOf(id));
      };
    });
    await bench.tree.pollNow(FOREVER);
    assert.deepEqual([...new Set(seen)], [folder]);
    assert.equal(bench.tree.pathOf(id), '/c/x/file');
    assert.equal(isToldRemoved(), false);
  });

  it('a folder is gone, and where others had moved something out of it ours is now: it does not go with the folder', async () => {
    const { server } = bench.drive;
    const { id } = server.makeFolder('/x/p');
    await bench.tree.pollNow(FOREVER);
    server.move('/x/p', '/c/p');
    server.remove('/x');
    once('afterCall', 'changes', () => {
      server.move('/c/p', '/p');
      server.makeFolder('/c/p');
      learn('/c', '/c/p', true);
    });
    const seen: unknown[] = [];
    bench.drive.beforeCall = () => void seen.push(bench.tree.pathOf(id));
    await bench.tree.pollNow(FOREVER);
    await bench.tree.pollNow(FOREVER);
    assert.ok(!seen.includes(undefined), `${seen}`);
    assert.equal(bench.tree.pathOf(id), '/p');
    assert.equal(
      bench.told.some(({ kind, item }) => kind === 'removed' && item.id === id),
      false,
    );
    assert.equal(bench.tree.named(bench.tree.root, 'x'), undefined);
  });

  it('the same of what is in a folder that we moved there and back', async () => {
    const { server } = bench.drive;
    const id = write('/x', 'file');
    bench.clock.advance(60_000);
    await bench.idle();
    bench.drive.beforeCall = ({ name }) => {
      if (name === 'stat' && server.find('/x') !== undefined) server.move('/x', '/y');
      if (name !== 'stat' && server.find('/y') !== undefined) {
        server.move('/y', '/x');
        bench.clock.advance(1);
      }
    };
    assert.equal((await bench.tree.refresh(id, asking(0)))?.id, id);
    assert.equal(isToldRemoved(), false);
  });
});
