/**
 * A folder goes in one request with what was removed in it, and never with what somebody else put there meanwhile.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DriveError } from '../../../src/drive/index.js';
import { ROOT_INO } from '../../../src/spool/index.js';
import { SendPlan } from '../../../src/spool/send-plan.js';
import { type SpoolBench, spoolBench } from '../../support/spool-bench.js';

const STAYS = /it stays/;

/** As `rm -rf` does: everything below first, the folder last. */
function removeAll(bench: SpoolBench, folder: string): void {
  const below = bench.drive.server.all().filter(({ path }) => path.startsWith(`${folder}/`));
  for (const { path, kind } of [...below].sort((one, other) => (one.path < other.path ? 1 : -1)))
    bench.spool.remove(bench.inoAt(path), bench.itemAt(path), kind);
  bench.spool.remove(bench.inoAt(folder), bench.itemAt(folder), 'folder');
}

test('what somebody else put into a folder that was removed here stays, with the folders above it', async (t) => {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => {
      for (const path of ['/a', '/a/b', '/a/b/c', '/a/empty']) server.makeFolder(path);
      for (const path of ['/a/1', '/a/b/2', '/a/b/c/3', '/a/empty/4']) server.write(path, 'ours');
    },
    expectedWarnings: STAYS,
  });
  const folders = ['/a', '/a/b'].map((path) => bench.inoAt(path));
  removeAll(bench, '/a');
  bench.drive.server.write('/a/b/theirs', 'theirs');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a': null, '/a/b': null, '/a/b/theirs': 'theirs' });
  assert.equal(bench.spool.statistics.owed, 0);
  const kept = bench.events.flatMap((event) => (event.kind === 'kept' ? [event.ino] : []));
  assert.deepEqual(kept.sort(), folders.sort(), 'whoever shows the folders is told');
});

test('a file that somebody changed in a folder that was removed here stays', async (t) => {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => {
      server.makeFolder('/a');
      server.write('/a/1', 'ours');
      server.write('/a/2', 'ours');
    },
    expectedWarnings: STAYS,
  });
  removeAll(bench, '/a');
  bench.drive.server.write('/a/2', 'theirs');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a': null, '/a/2': 'theirs' });
});

test('what somebody moved out of a folder that was removed here stays where it is now', async (t) => {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => {
      server.makeFolder('/a');
      server.write('/a/1', 'x');
    },
  });
  const item = bench.itemAt('/a/1');
  removeAll(bench, '/a');
  bench.drive.server.move('/a/1', '/saved');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/saved': 'x' });
  assert.equal(bench.remote.tree.peek(item)?.name, 'saved', 'it is seen there');
});

test('with the cache thrown away the folder is listed before it goes', async (t) => {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => {
      server.makeFolder('/a');
      server.write('/a/1', 'ours');
    },
    expectedWarnings: STAYS,
  });
  removeAll(bench, '/a');
  bench.drive.server.write('/a/theirs', 'theirs');
  bench.remote.tree.forgetAll();
  bench.remote.tree.catchUp = () => Promise.resolve(false);
  await bench.quiesce();
  assert.equal(bench.drive.count('list'), 1);
  bench.remote.tree.learnAll();
  await bench.quiesce(300_000);
  assert.deepEqual(bench.serverTree(), { '/a': null, '/a/theirs': 'theirs' });
});

test('while the server does not say what is in a folder, the folder is not removed', async (t) => {
  const bench = await spoolBench(t, { setUp: ({ server }) => server.makeFolder('/a') });
  const { catchUp } = bench.remote.tree;
  bench.remote.tree.catchUp = () => Promise.reject(new DriveError('unreachable', 'cut'));
  removeAll(bench, '/a');
  await bench.quiesce();
  assert.equal(bench.drive.count('remove'), 0);
  bench.remote.tree.catchUp = catchUp;
  bench.spool.hurry();
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), {});
});

test('what somebody puts into a folder while its removal waits to be sent stays', async (t) => {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => server.makeFolder('/a'),
    expectedWarnings: STAYS,
  });
  const pauses = [10_000];
  bench.drive.beforeCall = async ({ name, signal }) => {
    const pauseMs = name === 'remove' ? pauses.pop() : undefined;
    if (pauseMs === undefined) return;
    bench.drive.server.write('/a/theirs', 'theirs');
    await bench.clock.sleep(pauseMs, signal);
  };
  removeAll(bench, '/a');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a': null, '/a/theirs': 'theirs' });
  assert.equal(bench.spool.statistics.owed, 0);
});

test('a folder goes in the end, however long its removal waits each time', async (t) => {
  const bench = await spoolBench(t, { setUp: ({ server }) => server.makeFolder('/a') });
  bench.drive.beforeCall = async ({ name, signal }) => {
    if (name === 'remove') await bench.clock.sleep(7_000, signal);
  };
  removeAll(bench, '/a');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), {});
  assert.equal(bench.drive.count('remove'), 3, 'the look holds for 3, 6 and 12 s');
});

test('a removal that is refused for a lock rests between its attempts, also after somebody was in a hurry', async (t) => {
  const bench = await spoolBench(t, { setUp: ({ server }) => server.write('/a', 'x') });
  bench.drive.beforeCall = ({ name }) => {
    if (name === 'remove') throw new DriveError('locked', 'somebody edits it');
  };
  bench.spool.remove(bench.inoAt('/a'), bench.itemAt('/a'), 'file');
  await bench.quiesce(10_000);
  assert.equal(bench.drive.count('remove'), 1);
  bench.spool.hurry();
  await bench.quiesce(50_000);
  assert.equal(bench.drive.count('remove'), 2);
  // what waits for that place hurries it as well
  await bench.file(ROOT_INO, 'a', 'new');
  await bench.quiesce(120_000);
  const few = bench.drive.count('remove');
  assert.ok(few <= 5, `${few} attempts in three minutes`);
  bench.drive.beforeCall = () => undefined;
  bench.spool.hurry();
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a': 'new' });
});

test('nothing is taken for removed below a folder that may be elsewhere by now', async (t) => {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => {
      server.makeFolder('/from');
      server.write('/from/gone', 'x');
    },
  });
  let isLost = false;
  bench.drive.afterCall = ({ name }) => {
    if (name !== 'move' || isLost) return;
    isLost = true;
    throw new DriveError('unreachable', 'cut');
  };
  const [folder, file] = [bench.inoAt('/from'), bench.inoAt('/from/gone')];
  const [folderItem, fileItem] = [bench.itemAt('/from'), bench.itemAt('/from/gone')];
  bench.spool.remove(file, fileItem, 'file');
  bench.spool.rename(folder, folderItem, 'folder', { parent: ROOT_INO, name: 'to' }, null);
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/to': null });
});

test('a time whose answer was lost is no conflict, whatever happens to the name afterwards', async (t) => {
  const bench = await spoolBench(t, { setUp: ({ server }) => server.write('/a', 'old') });
  const lose = (lost: string) => {
    bench.drive.afterCall = ({ name }) => {
      if (name !== lost) return;
      bench.drive.beforeCall = () => {
        throw new DriveError('unreachable', 'cut');
      };
      throw new DriveError('unreachable', 'cut');
    };
  };
  const mend = () => {
    bench.drive.beforeCall = () => undefined;
    bench.drive.afterCall = () => undefined;
  };
  const [ino, item] = [bench.inoAt('/a'), bench.itemAt('/a')];
  lose('setModified');
  bench.spool.touch(ino, item, 1_000_000);
  await bench.clock.run(5000);
  bench.spool.rename(ino, item, 'file', { parent: ROOT_INO, name: 'b' }, null);
  bench.spool.hurry();
  await bench.clock.run(5000);
  await bench.write(ino, 'mine', item);
  mend();
  bench.spool.hurry();
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/b': 'mine' });
});

test('a new file over one whose time is not known to have arrived is its next version', async (t) => {
  const bench = await spoolBench(t, { setUp: ({ server }) => server.write('/a', 'old') });
  const [ino, item] = [bench.inoAt('/a'), bench.itemAt('/a')];
  bench.drive.afterCall = ({ name }) => {
    if (name === 'setModified') throw new DriveError('unreachable', 'cut');
  };
  bench.spool.touch(ino, item, 1_000_000);
  await bench.clock.run(1500);
  bench.drive.afterCall = () => undefined;
  const saved = await bench.file(ROOT_INO, 'a.tmp', 'mine');
  const version = bench.remote.tree.peek(item)!.version;
  bench.spool.rename(
    saved,
    null,
    'file',
    { parent: ROOT_INO, name: 'a' },
    { ino, item, kind: 'file', version },
  );
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a': 'mine' });
  assert.equal(bench.itemAt('/a'), item);
});

test('a folder of thousands is removed with turns for others in between', async (t) => {
  const files = 3_000;
  const bench = await spoolBench(t, {
    setUp: ({ server }) => {
      server.makeFolder('/a');
      for (let file = 0; file < files; file += 1) server.write(`/a/${file}`, '');
    },
  });
  removeAll(bench, '/a');
  const most = { asked: 0, found: 0, pathsTold: 0 };
  let turn = { ...most };
  let isOver = false;
  const nextTurn = () => {
    turn = { asked: 0, found: 0, pathsTold: 0 };
    if (!isOver) setImmediate(nextTurn);
  };
  const count = (what: keyof typeof turn) => {
    turn[what] += 1;
    most[what] = Math.max(most[what], turn[what]);
  };
  bench.spool.onBeforeSend(async () => count('asked'));
  const { tree } = bench.remote;
  const pathOf = tree.pathOf.bind(tree);
  tree.pathOf = (item) => {
    if (isRemoved) count('pathsTold');
    return pathOf(item);
  };
  const { swallowed } = SendPlan.prototype;
  t.mock.method(SendPlan.prototype, 'swallowed', function* (this: SendPlan, folder: number) {
    for (const entry of swallowed.call(this, folder)) {
      count('found');
      yield entry;
    }
  });
  let isRemoved = false;
  bench.drive.beforeCall = ({ name }) => {
    isRemoved ||= name === 'remove';
  };
  nextTurn();
  await bench.quiesce();
  isOver = true;
  assert.deepEqual(bench.serverTree(), {});
  assert.equal(bench.spool.statistics.owed, 0);
  assert.ok(most.asked > 0 && most.asked <= 200, `${most.asked} files asked for in one turn`);
  assert.ok(most.found > 0 && most.found <= 200, `${most.found} nodes found in one turn`);
  assert.ok(most.pathsTold > 0 && most.pathsTold <= 500, `${most.pathsTold} paths looked up in one turn`);
});

test('a folder that is there although its making was told to fail goes when it is removed before it was found', async (t) => {
  const bench = await spoolBench(t);
  const ino = bench.spool.make('folder', { parent: ROOT_INO, name: 'a' }, {}).ino;
  let isMade = false;
  // The answer was lost, and our own repetition met what it had made; a front end does not show it yet.
  bench.drive.afterCall = ({ name }) => {
    if (name !== 'makeDirectory') return;
    isMade = true;
    throw new DriveError('exists', 'HTTP status 405');
  };
  bench.drive.beforeCall = ({ name }) => {
    if (name === 'stat' && isMade) throw new DriveError('absent', 'HTTP status 404');
  };
  await bench.clock.run(1500);
  assert.ok(isMade);
  bench.drive.beforeCall = () => undefined;
  bench.drive.afterCall = () => undefined;
  bench.spool.remove(ino, null, 'folder');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), {});
});

for (const kind of ['folder', 'file'] as const)
  for (const known of ['where it was', 'nowhere'] as const)
    test(`a removed ${kind} that somebody moved while the tree is being read, known ${known}, is found where it is`, async (t) => {
      const bench = await spoolBench(t, {
        expectedWarnings: STAYS,
        setUp: ({ server }) => {
          if (kind === 'folder') server.makeFolder('/a');
          else server.write('/a', 'x');
        },
      });
      const { tree } = bench.remote;
      const { catchUp } = tree;
      bench.spool.remove(bench.inoAt('/a'), bench.itemAt('/a'), kind);
      bench.drive.server.move('/a', '/b');
      tree.isBeingRead = true;
      tree.catchUp = () => Promise.resolve(false);
      if (known === 'nowhere') tree.forgetAll();
      await bench.quiesce(20_000);
      assert.deepEqual([bench.spool.statistics.owed, Object.keys(bench.serverTree())], [1, ['/b']]);
      tree.isBeingRead = false;
      tree.catchUp = catchUp;
      tree.learnAll();
      await bench.quiesce(300_000);
      // What was done to the file after its removal counts as an edit: then it is seen again, and not only on the server.
      const isSeen = bench.events.some((event) => event.kind === 'kept');
      assert.deepEqual([bench.serverTree(), isSeen], kind === 'folder' ? [{}, false] : [{ '/b': 'x' }, true]);
      assert.equal(bench.spool.statistics.owed, 0);
    });

test('a file that a front end does not show yet goes all the same', async (t) => {
  const bench = await spoolBench(t, { setUp: ({ server }) => server.write('/a', 'ours') });
  let lagging = 2;
  bench.drive.beforeCall = ({ name }) => {
    if (name === 'remove' && lagging-- > 0) throw new DriveError('absent', '/a is not there');
  };
  bench.spool.remove(bench.inoAt('/a'), bench.itemAt('/a'), 'file');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), {});
  assert.equal(bench.spool.statistics.owed, 0);
});

test('what others have removed as well is looked for no longer than until the change log tells', async (t) => {
  const bench = await spoolBench(t, { setUp: ({ server }) => server.write('/a', 'ours') });
  bench.spool.remove(bench.inoAt('/a'), bench.itemAt('/a'), 'file');
  bench.drive.server.remove('/a');
  await bench.quiesce();
  assert.equal(bench.spool.statistics.owed, 0);
  assert.equal(bench.drive.count('remove'), 1);
});

test('a front end that lags behind does not bring back what was removed here', async (t) => {
  const bench = await spoolBench(t, { setUp: ({ server }) => server.write('/a', 'ours') });
  let lagging = 2;
  bench.drive.beforeCall = ({ name }) => {
    if (name === 'remove' && lagging-- > 0) throw new DriveError('changed', '/a: somebody changed it');
  };
  bench.spool.remove(bench.inoAt('/a'), bench.itemAt('/a'), 'file');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), {});
  assert.equal(bench.spool.statistics.owed, 0);
});
