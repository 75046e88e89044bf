/** What is owed for an item that somebody else has moved since: it stands where nobody here thought, in somebody's way. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DriveError } from '../../../src/drive/index.js';
import { ROOT_INO } from '../../../src/spool/index.js';
import { type SpoolBench, spoolBench } from '../../support/spool-bench.js';

/** What somebody else did to the version that was removed here counts as an edit: it stays. */
const CONFLICT = /both are kept/;
/** 2026-11-22 01:00:00 UTC: before anything here begins. */
const TOLD_MS = Date.UTC(2026, 10, 22, 1);
/** Folders are removed long before anything else is sent. */
const SLOW = { quietMs: 20_000, deleteQuietMs: 100, longestDeleteQuietMs: 100 };

/** Requests that nobody would miss. */
function changesAsked({ drive }: SpoolBench): number {
  const changes = new Set(['upload', 'move', 'remove', 'makeDirectory']);
  return drive.calls.filter(({ name }) => changes.has(name)).length;
}

test('a folder is removed once what somebody moved into it, and we elsewhere, has left it', async (t) => {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => {
      server.makeFolder('/d');
      server.write('/f', 'x');
    },
    limits: SLOW,
  });
  const [file, item] = [bench.inoAt('/f'), bench.itemAt('/f')];
  bench.spool.rename(file, item, 'file', { parent: ROOT_INO, name: 'g' }, null);
  bench.spool.remove(bench.inoAt('/d'), bench.itemAt('/d'), 'folder');
  bench.drive.server.move('/f', '/d/f');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/g': 'x' });
  assert.equal(bench.spool.statistics.owed, 0);
});

test('a new file waits for what stands in its place, though somebody else put it there', async (t) => {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => server.write('/old', 'x'),
    limits: { deleteQuietMs: 20_000, longestDeleteQuietMs: 20_000 },
    expectedWarnings: CONFLICT,
  });
  const item = bench.itemAt('/old');
  bench.spool.remove(bench.inoAt('/old'), item, 'file');
  bench.drive.server.move('/old', '/new');
  bench.remote.tree.learnAll();
  await bench.file(ROOT_INO, 'new', 'mine');
  await bench.quiesce();
  assert.deepEqual(Object.values(bench.serverTree()).sort(), ['mine', 'x']);
  assert.equal(bench.spool.statistics.owed, 0);
  assert.ok(changesAsked(bench) < 8, `${changesAsked(bench)} requests`);
});

test('a file that was removed here and one that is replaced here, where somebody put the one over the other, do not wait for each other', async (t) => {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => {
      server.write('/d', 'one');
      server.write('/e', 'other');
    },
    limits: { quietMs: 100, deleteQuietMs: 2_000, longestDeleteQuietMs: 2_000 },
    expectedWarnings: /both are kept|it stays/,
  });
  bench.drive.beforeCall = ({ name }) => {
    if (name !== 'upload') return;
    bench.drive.beforeCall = () => undefined;
    bench.drive.server.remove('/e');
    bench.drive.server.move('/d', '/e');
    bench.drive.server.write('/e', 'theirs');
    bench.remote.tree.learnAll();
  };
  bench.spool.remove(bench.inoAt('/d'), bench.itemAt('/d'), 'file');
  bench.spool.remove(bench.inoAt('/e'), bench.itemAt('/e'), 'file');
  await bench.file(ROOT_INO, 'e', 'mine');
  await bench.quiesce();
  assert.equal(bench.spool.statistics.owed, 0);
  assert.deepEqual(Object.values(bench.serverTree()).sort(), ['mine', 'theirs']);
  assert.equal(changesAsked(bench), 3, 'what is gone, what stands there, and the copy beside it');
});

test('a folder that is made where somebody put one that we move elsewhere is another folder', async (t) => {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => {
      server.makeFolder('/old');
      server.write('/old/f', 'x');
    },
    limits: { quietMs: 2000 },
  });
  const { server } = bench.drive;
  const item = bench.itemAt('/old');
  const made = bench.folder(ROOT_INO, 'new');
  await bench.file(made.ino, 'mine', 'mine');
  bench.spool.rename(bench.inoAt('/old'), item, 'folder', { parent: ROOT_INO, name: 'kept' }, null);
  server.move('/old', '/new');
  bench.remote.tree.learnAll();
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/kept': null, '/kept/f': 'x', '/new': null, '/new/mine': 'mine' });
  assert.equal(bench.itemAt('/kept'), item);
});

test('who gets nowhere again and again rests, whoever waits for it', async (t) => {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => server.write('/file', 'x'),
    expectedWarnings: CONFLICT,
  });
  const { server } = bench.drive;
  bench.drive.beforeCall = ({ name }) => {
    if (name === 'setModified') throw new DriveError('locked', 'somebody has it open');
  };
  bench.spool.touch(bench.inoAt('/file'), bench.itemAt('/file'), 1_000_000);
  await bench.quiesce(3000);
  server.move('/file', '/new');
  bench.remote.tree.learnAll();
  const made = bench.folder(ROOT_INO, 'new');
  await bench.file(made.ino, 'inside', 'y');
  await bench.quiesce(30_000);
  const tries = bench.drive.count('makeDirectory');
  assert.ok(tries > 4 && tries < 15, `tried ${tries} times in half a minute`);
  bench.drive.beforeCall = () => undefined;
  bench.spool.hurry();
  await bench.quiesce();
  assert.equal(bench.spool.statistics.owed, 0);
  assert.deepEqual(Object.values(bench.serverTree()).sort(), [null, 'x', 'y'].sort());
});

for (const moment of ['before we move', 'while we look', 'while we move'] as const)
  test(`a file that was replaced here and that somebody moved elsewhere ${moment} is not taken for overwritten`, async (t) => {
    const bench = await spoolBench(t, {
      setUp: ({ server }) => {
        server.write('/old', 'replaced');
        server.write('/mine', 'mine');
      },
      expectedWarnings: /it stays/,
    });
    const [old, mine] = [bench.itemAt('/old'), bench.itemAt('/mine')];
    const replaced = {
      ino: bench.inoAt('/old'),
      item: old,
      kind: 'file',
      version: bench.versionAt('/old'),
    } as const;
    const take = () => {
      bench.drive.beforeCall = () => undefined;
      bench.drive.server.move('/old', '/elsewhere');
      bench.drive.server.write('/elsewhere', 'theirs');
      bench.remote.tree.learnAll();
    };
    bench.spool.rename(bench.inoAt('/mine'), mine, 'file', { parent: ROOT_INO, name: 'old' }, replaced);
    const call = { 'before we move': null, 'while we look': 'stat', 'while we move': 'move' }[moment];
    if (call === null) take();
    else bench.drive.beforeCall = ({ name }) => (name === call ? take() : undefined);
    await bench.quiesce();
    assert.deepEqual(bench.serverTree(), { '/elsewhere': 'theirs', '/old': 'mine' });
    assert.equal(bench.remote.tree.pathOf(old), '/elsewhere', 'and it is shown here');
    assert.equal(bench.itemAt('/old'), mine);
    assert.equal(bench.spool.statistics.owed, 0);
  });

test('the same where it is told of between the answer to our move and what the caches are told', async (t) => {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => {
      server.write('/old', 'replaced');
      server.write('/mine', 'mine');
    },
    onStep: (step) => {
      if (step === 'S9 success recorded') bench.remote.tree.learnAll();
    },
  });
  const [old, mine] = [bench.itemAt('/old'), bench.itemAt('/mine')];
  const version = bench.versionAt('/old');
  const replaced = { ino: bench.inoAt('/old'), item: old, kind: 'file', version } as const;
  bench.drive.beforeCall = ({ name }) => {
    if (name !== 'move') return;
    bench.drive.beforeCall = () => undefined;
    bench.drive.server.move('/old', '/elsewhere');
  };
  bench.spool.rename(bench.inoAt('/mine'), mine, 'file', { parent: ROOT_INO, name: 'old' }, replaced);
  await bench.quiesce();
  assert.equal(bench.remote.tree.pathOf(old), '/elsewhere', 'it is shown here');
  assert.equal(bench.itemAt('/old'), mine);
});

/** A file of the server that is renamed here, and owed as that. */
async function renamed(t: TestContext) {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => server.write('/first', 'before', TOLD_MS),
    expectedWarnings: CONFLICT,
  });
  const { server } = bench.drive;
  const item = bench.itemAt('/first');
  const ino = bench.inoAt('/first');
  bench.spool.rename(ino, item, 'file', { parent: ROOT_INO, name: 'second' }, null);
  return { bench, server, item, ino };
}

test('what somebody took elsewhere, and a third file of ours met there, is not taken for overwritten by a late move', async (t) => {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => {
      server.write('/old', 'replaced');
      server.write('/mine', 'mine');
    },
    limits: { quietMs: 100 },
    expectedWarnings: /it stays|both are kept/,
  });
  const [old, mine] = [bench.itemAt('/old'), bench.itemAt('/mine')];
  const version = bench.versionAt('/old');
  const replaced = { ino: bench.inoAt('/old'), item: old, kind: 'file', version } as const;
  bench.drive.afterCall = async ({ name }) => {
    if (name !== 'move') return;
    bench.drive.afterCall = () => undefined;
    await bench.file(ROOT_INO, 'elsewhere', 'third');
    const isMet = () => bench.events.some(({ kind }) => kind === 'conflict');
    for (let turn = 0; !isMet() && turn < 10_000; turn += 1) await nextTurn();
  };
  bench.drive.beforeCall = ({ name }) => {
    if (name !== 'move') return;
    bench.drive.beforeCall = () => undefined;
    bench.drive.server.move('/old', '/elsewhere');
    bench.drive.server.write('/elsewhere', 'theirs');
    bench.remote.tree.learnAll();
  };
  bench.spool.rename(bench.inoAt('/mine'), mine, 'file', { parent: ROOT_INO, name: 'old' }, replaced);
  await bench.quiesce();
  assert.deepEqual(Object.values(bench.serverTree()).sort(), ['mine', 'theirs', 'third']);
  assert.equal(bench.remote.tree.pathOf(old), '/elsewhere', 'and it is shown here');
  assert.equal(bench.spool.statistics.owed, 0);
});

test("a move whose answer was lost, and somebody's edit since: what is written here does not go over the edit", async (t) => {
  const { bench, server, item, ino } = await renamed(t);
  bench.drive.afterCall = ({ name }) => {
    if (name !== 'move') return;
    bench.drive.afterCall = () => undefined;
    bench.drive.beforeCall = ({ name: later }) => {
      if (later !== 'changes') throw new DriveError('unreachable', 'the line stays down');
    };
    throw new DriveError('unreachable', 'the line was cut');
  };
  await bench.quiesce(3000);
  assert.ok(server.find('/second'), 'the move was made');
  server.write('/second', 'theirs, and longer');
  await bench.write(ino, 'mine', item);
  bench.spool.rename(ino, item, 'file', { parent: ROOT_INO, name: 'third' }, null);
  bench.drive.beforeCall = () => undefined;
  await bench.quiesce();
  assert.deepEqual(Object.values(bench.serverTree()).sort(), ['mine', 'theirs, and longer']);
});

test("somebody's edit between two attempts at a move, within the same second, is not taken for ours", async (t) => {
  const { bench, server, item, ino } = await renamed(t);
  bench.drive.beforeCall = ({ name }) => {
    if (name === 'move') throw new DriveError('unreachable', 'the line is down');
  };
  await bench.quiesce(3000);
  await bench.write(ino, 'mine', item);
  server.write('/first', 'theirs, and longer', TOLD_MS);
  bench.remote.tree.learnAll();
  bench.drive.beforeCall = () => undefined;
  await bench.quiesce();
  assert.deepEqual(Object.values(bench.serverTree()).sort(), ['mine', 'theirs, and longer']);
});

test("somebody's edit that a move was refused for, of the same size and within the same second, is not taken for ours", async (t) => {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => server.write('/first', 'before', TOLD_MS),
    expectedWarnings: CONFLICT,
    limits: SLOW,
  });
  const [item, ino] = [bench.itemAt('/first'), bench.inoAt('/first')];
  await bench.write(ino, 'mine', item);
  bench.spool.rename(ino, item, 'file', { parent: ROOT_INO, name: 'second' }, null);
  bench.drive.server.write('/first', 'theirs', TOLD_MS);
  await bench.quiesce();
  assert.deepEqual(Object.values(bench.serverTree()).sort(), ['mine', 'theirs']);
});

test('what is written between two attempts at a move, after a time whose answer was lost, goes to the file that was moved', async (t) => {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => server.write('/first', 'before', TOLD_MS - 5000),
  });
  const { drive, spool } = bench;
  const item = bench.itemAt('/first');
  const ino = bench.inoAt('/first');
  const cut =
    (...names: readonly string[]) =>
    ({ name }: { readonly name: string }) => {
      if (names.includes(name)) throw new DriveError('unreachable', 'the line is down');
    };
  drive.afterCall = cut('setModified');
  spool.touch(ino, item, TOLD_MS);
  await bench.quiesce(3000);
  drive.beforeCall = cut('move', 'setModified');
  bench.remote.tree.learnAll();
  spool.rename(ino, item, 'file', { parent: ROOT_INO, name: 'second' }, null);
  await bench.quiesce(3000);
  await bench.write(ino, 'mine', item);
  drive.beforeCall = drive.afterCall = () => undefined;
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/second': 'mine' });
});

for (const step of ['move', 'setModified'] as const) {
  test(`a ${step} that is tried again is not done to what somebody put where the file was`, async (t) => {
    const bench = await spoolBench(t, { setUp: ({ server }) => server.write('/f', 'x') });
    const { server } = bench.drive;
    bench.drive.beforeCall = ({ name }) => {
      if (name !== step) return;
      bench.drive.beforeCall = () => undefined;
      server.remove('/f');
      server.write('/f', 'theirs', TOLD_MS);
      bench.remote.tree.learnAll();
      throw new DriveError('unreachable', 'the line was cut');
    };
    const [file, item] = [bench.inoAt('/f'), bench.itemAt('/f')];
    if (step === 'move') bench.spool.rename(file, item, 'file', { parent: ROOT_INO, name: 'g' }, null);
    else bench.spool.touch(file, item, TOLD_MS + 60_000);
    await bench.quiesce();
    assert.deepEqual(bench.serverTree(), { '/f': 'theirs' });
    assert.equal(server.item(server.find('/f')!).modifiedMs, TOLD_MS);
    assert.equal(bench.spool.statistics.owed, 0);
  });
}

for (const [kind, isRefused] of [
  ['exists', true],
  ['unreachable', false],
] as const)
  test(`of a move that ended with '${kind}' the caches are told whether it may have been done`, async (t) => {
    const bench = await spoolBench(t, { setUp: ({ server }) => server.makeFolder('/d') });
    bench.drive.beforeCall = ({ name }) => {
      if (name !== 'move') return;
      bench.drive.beforeCall = () => undefined;
      throw new DriveError(kind, 'said the server');
    };
    bench.spool.rename(
      bench.inoAt('/d'),
      bench.itemAt('/d'),
      'folder',
      { parent: ROOT_INO, name: 'e' },
      null,
    );
    await bench.quiesce();
    assert.deepEqual(bench.serverTree(), { '/e': null });
    assert.deepEqual(bench.remote.tree.movesRefused, [isRefused, false]);
  });
