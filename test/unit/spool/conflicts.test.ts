import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DriveError } from '../../../src/drive/index.js';
import { conflictName } from '../../../src/spool/conflict-name.js';
import { ROOT_INO } from '../../../src/spool/index.js';
import { type SpoolBench, spoolBench } from '../../support/spool-bench.js';

/*
 * SEMANTICS: "an owed upload whose base version is no longer the server's becomes
 * `name (conflict HOST YYYY-MM-DD HH.MM.SS).ext` beside the server's copy. Both stay reachable."
 */

const CONFLICT = /both are kept/;

test('changed here and on the server: both are kept', async (t) => {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => server.write('/doc.txt', 'old'),
    expectedWarnings: CONFLICT,
  });
  const item = bench.itemAt('/doc.txt');
  await bench.write(bench.inoAt('/doc.txt'), 'mine', item);
  bench.drive.server.write('/doc.txt', 'theirs');
  await bench.quiesce();
  const tree = bench.serverTree();
  assert.equal(tree['/doc.txt'], 'theirs');
  const copy = Object.keys(tree).find((path) => path.includes('conflict'))!;
  assert.match(copy, /^\/doc \(conflict laptop \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\)\.txt$/);
  assert.equal(tree[copy], 'mine');
  assert.equal(bench.spool.statistics.conflicts, 1);
  const event = bench.events.find(({ kind }) => kind === 'conflict');
  assert.ok(event?.kind === 'conflict' && event.from.name === 'doc.txt');
  bench.spool.remove(event.copy.ino, bench.itemAt(copy), 'file');
  assert.equal(bench.spool.statistics.conflicts, 0, 'the user has decided');
  await bench.quiesce();
});

test('an edit that a front end that lags behind took for a conflict is none', async (t) => {
  const bench = await spoolBench(t, { setUp: ({ server }) => server.write('/doc.txt', 'old') });
  let lagging = 2;
  bench.drive.beforeCall = ({ name }) => {
    if (name === 'upload' && lagging-- > 0) throw new DriveError('changed', '/doc.txt: somebody changed it');
  };
  await bench.write(bench.inoAt('/doc.txt'), 'mine', bench.itemAt('/doc.txt'));
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/doc.txt': 'mine' });
  assert.deepEqual(bench.spool.conflicts, []);
});

test('made here and on the server under one name: both are kept', async (t) => {
  const bench = await spoolBench(t, { expectedWarnings: CONFLICT });
  const ino = await bench.file(ROOT_INO, 'a', 'mine');
  bench.drive.server.write('/a', 'theirs');
  await bench.quiesce();
  const tree = bench.serverTree();
  assert.equal(tree['/a'], 'theirs');
  assert.equal(Object.values(tree).filter((content) => content === 'mine').length, 1);
  const [conflict] = bench.spool.conflicts;
  assert.equal(conflict?.copy, ino);
});

test('the same bytes on both sides are no conflict', async (t) => {
  const bench = await spoolBench(t);
  await bench.file(ROOT_INO, 'a', 'same');
  bench.drive.server.write('/a', 'same');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a': 'same' });
  assert.equal(bench.spool.statistics.owed, 0);
});

test('replacing a file that was removed remotely creates it again', async (t) => {
  const bench = await spoolBench(t, { setUp: ({ server }) => server.write('/a', 'old') });
  await bench.write(bench.inoAt('/a'), 'mine', bench.itemAt('/a'));
  bench.drive.server.remove('/a');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a': 'mine' });
});

test('a folder that was removed remotely is made again for what is owed in it', async (t) => {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => {
      server.makeFolder('/a');
      server.makeFolder('/a/b');
    },
  });
  const folder = bench.inoAt('/a/b');
  bench.spool.bind(folder, bench.itemAt('/a/b'));
  bench.spool.bind(bench.inoAt('/a'), bench.itemAt('/a'));
  await bench.file(folder, 'file', 'mine');
  bench.drive.server.remove('/a');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a': null, '/a/b': null, '/a/b/file': 'mine' });
});

test('our own bytes are no conflict, though two files were on their way when one took the place of the other', async (t) => {
  const bench = await spoolBench(t, { setUp: ({ server }) => server.write('/sent', 'old') });
  const { drive, spool } = bench;
  const cut = () => {
    throw new DriveError('unreachable', 'the test cut the line');
  };
  const [sent, item] = [bench.inoAt('/sent'), bench.itemAt('/sent')];
  drive.afterCall = ({ name }) => {
    if (name !== 'upload') return;
    drive.beforeCall = cut;
    cut();
  };
  await bench.write(sent, 'arrived', item);
  await bench.quiesce(3_000);
  assert.equal(bench.serverTree()['/sent'], 'arrived', 'and the answer was lost');
  const made = await bench.file(ROOT_INO, 'doc', 'newest');
  spool.hurry();
  await bench.quiesce(20_000);
  assert.ok(drive.calls.some(({ name, path }) => name === 'upload' && path === '/doc'));
  const { version } = bench.remote.tree.peek(item)!;
  drive.server.move('/sent', '/doc');
  bench.remote.tree.learnAll();
  const doc = { parent: ROOT_INO, name: 'doc' };
  spool.rename(made, null, 'file', { parent: ROOT_INO, name: 'aside' }, null);
  spool.rename(made, null, 'file', doc, { ino: sent, item, kind: 'file', version });
  drive.beforeCall = () => undefined;
  drive.afterCall = () => undefined;
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/doc': 'newest' });
  assert.equal(spool.statistics.conflicts, 0);
});

test('our own bytes are no conflict, though the server showed nothing yet where they were looked for', async (t) => {
  const bench = await spoolBench(t);
  const { drive, spool } = bench;
  drive.afterCall = ({ name }) => {
    if (name === 'upload') throw new DriveError('unreachable', 'the test cut the line');
  };
  const first = await bench.file(ROOT_INO, 'doc', 'first');
  drive.beforeCall = ({ name }) => {
    if (name === 'stat') throw new DriveError('absent', 'not shown yet');
  };
  while (bench.serverTree()['/doc'] === undefined) await bench.quiesce(250);
  const second = await bench.file(ROOT_INO, 'doc.tmp', 'second');
  const replaced = { ino: first, item: null, kind: 'file', version: null } as const;
  spool.rename(second, null, 'file', { parent: ROOT_INO, name: 'doc' }, replaced);
  drive.afterCall = () => undefined;
  while (spool.owed(first) !== undefined) await bench.quiesce(250);
  drive.beforeCall = () => undefined;
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/doc': 'second' });
  assert.equal(spool.statistics.conflicts, 0);
});

for (const outcome of ['fails', 'arrives'] as const) {
  test(`our own bytes are no conflict, though what takes their place is just being sent elsewhere, which ${outcome}`, async (t) => {
    const bench = await spoolBench(t);
    const { drive, spool } = bench;
    loseFirstUpload(bench);
    drive.beforeCall = ({ name }) => {
      if (name === 'stat') throw new DriveError('absent', 'not shown yet');
    };
    const notShown = drive.beforeCall;
    const first = await bench.file(ROOT_INO, 'doc', 'first');
    await bench.file(ROOT_INO, 'other', 'other');
    while (bench.serverTree()['/other'] === undefined) await bench.quiesce(250);
    assert.notEqual(spool.owed(first), undefined, 'what became of its upload is not known');
    let goOn: (() => void) | null = null;
    drive.beforeCall = (call) => {
      if (call.path !== '/doc.tmp' || call.name !== 'upload') return notShown(call);
      return new Promise((resolve, reject) => {
        goOn = () => (outcome === 'arrives' ? resolve() : reject(new DriveError('unreachable', 'cut')));
      });
    };
    const second = await bench.file(ROOT_INO, 'doc.tmp', 'second');
    while (goOn === null) await bench.quiesce(250);
    const replaced = { ino: first, item: null, kind: 'file', version: null } as const;
    spool.rename(second, null, 'file', { parent: ROOT_INO, name: 'doc' }, replaced);
    await bench.quiesce(10_000);
    drive.beforeCall = notShown;
    (goOn as () => void)();
    while (spool.owed(first) !== undefined) await bench.quiesce(250);
    drive.beforeCall = () => undefined;
    await bench.quiesce();
    assert.deepEqual(bench.serverTree(), { '/doc': 'second', '/other': 'other' });
    assert.equal(spool.statistics.conflicts, 0);
  });
}

test('a folder that was made on both sides is one folder', async (t) => {
  const bench = await spoolBench(t);
  const folder = bench.folder(ROOT_INO, 'shared');
  await bench.file(folder.ino, 'mine', 'mine');
  bench.drive.server.makeFolder('/shared');
  bench.drive.server.write('/shared/theirs', 'theirs');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), {
    '/shared': null,
    '/shared/mine': 'mine',
    '/shared/theirs': 'theirs',
  });
});

test('a file that somebody changed since it was removed here stays', async (t) => {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => server.write('/a', 'old'),
    expectedWarnings: /it stays/,
  });
  bench.spool.remove(bench.inoAt('/a'), bench.itemAt('/a'), 'file');
  bench.drive.server.write('/a', 'theirs');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a': 'theirs' });
  assert.equal(bench.spool.owedOfItem(bench.itemAt('/a')), undefined);
});

for (const what of ['replaced', 'removed']) {
  test(`what we sent is nobody's edit though the server counts on by itself: it may be ${what}`, async (t) => {
    const bench = await spoolBench(t);
    const { drive, spool } = bench;
    const ino = await bench.file(ROOT_INO, 'a', 'sent');
    await bench.quiesce();
    const version = bench.versionAt('/a');
    if (what === 'removed') spool.remove(ino, bench.itemAt('/a'), 'file');
    else await bench.write(ino, 'newer', bench.itemAt('/a'));
    drive.server.write('/a', 'sent');
    assert.notEqual(bench.versionAt('/a'), version);
    await bench.quiesce();
    assert.deepEqual(bench.serverTree(), what === 'removed' ? {} : { '/a': 'newer' });
    assert.equal(spool.statistics.conflicts, 0);
  });
}

test('an answer that was lost is no conflict', async (t) => {
  const bench = await spoolBench(t);
  let lost = 0;
  bench.drive.afterCall = ({ name }) => {
    lost += 1;
    if (name === 'upload' && lost === 1) throw new DriveError('unreachable', 'cut');
  };
  await bench.file(ROOT_INO, 'a', 'mine');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a': 'mine' });
  assert.equal(bench.spool.statistics.conflicts, 0);
});

test('newer bytes are no conflict after an attempt that was sent twice, and refused for what it had left itself', async (t) => {
  const bench = await spoolBench(t);
  const { drive, spool } = bench;
  drive.afterCall = ({ name }) => {
    if (name !== 'upload') return;
    drive.afterCall = () => undefined;
    throw new DriveError('exists', 'it is there already');
  };
  drive.beforeCall = ({ name }) => {
    if (name === 'stat') throw new DriveError('absent', 'not shown yet');
  };
  const ino = await bench.file(ROOT_INO, 'a', 'first');
  while (bench.serverTree()['/a'] === undefined) await bench.quiesce(250);
  await bench.write(ino, 'second, longer');
  drive.beforeCall = () => undefined;
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a': 'second, longer' });
  assert.equal(spool.statistics.conflicts, 0);
});

test('newer bytes after an answer that was lost are no conflict', async (t) => {
  const bench = await spoolBench(t);
  let lost = false;
  bench.drive.afterCall = ({ name }) => {
    if (name !== 'upload' || lost) return;
    lost = true;
    throw new DriveError('unreachable', 'cut');
  };
  const ino = await bench.file(ROOT_INO, 'a', 'first');
  await bench.clock.run(1000);
  await bench.write(ino, 'second, longer');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a': 'second, longer' });
});

/** Cuts the answer of the first upload; what comes after it is what the test does. */
function loseFirstUpload({ drive }: SpoolBench): void {
  let isLost = false;
  drive.afterCall = ({ name }) => {
    if (name !== 'upload' || isLost) return;
    isLost = true;
    throw new DriveError('unreachable', 'cut');
  };
}

test('after an answer that was lost, an edit of the same length by somebody else is theirs', async (t) => {
  const bench = await spoolBench(t, { expectedWarnings: CONFLICT });
  loseFirstUpload(bench);
  const ino = await bench.file(ROOT_INO, 'a', 'first');
  await bench.clock.run(1000);
  bench.drive.server.write('/a', 'other');
  await bench.write(ino, 'second, longer');
  await bench.quiesce();
  const tree = bench.serverTree();
  assert.equal(tree['/a'], 'other');
  assert.deepEqual(Object.values(tree).sort(), ['other', 'second, longer']);
});

test('what was removed here after an answer that was lost takes nobody else of the same length with it', async (t) => {
  const bench = await spoolBench(t);
  loseFirstUpload(bench);
  const ino = await bench.file(ROOT_INO, 'a', 'first');
  await bench.clock.run(1000);
  bench.drive.server.write('/a', 'other');
  bench.spool.remove(ino, null, 'file');
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a': 'other' });
  assert.equal(bench.spool.statistics.owed, 0);
});

test('what was removed here after an answer that was lost goes from the server', async (t) => {
  const bench = await spoolBench(t);
  loseFirstUpload(bench);
  const ino = await bench.file(ROOT_INO, 'a', 'first');
  await bench.clock.run(1000);
  bench.spool.remove(ino, null, 'file');
  await bench.reopen();
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), {});
});

test('a large content is known again by samples, and only if it was sent', async (t) => {
  const bench = await spoolBench(t, { limits: { comparedBytes: 1024 }, expectedWarnings: CONFLICT });
  loseFirstUpload(bench);
  const large = 'x'.repeat(5 * 1024 * 1024);
  const sent = await bench.file(ROOT_INO, 'sent', large);
  while (bench.drive.server.find('/sent') === undefined) await bench.quiesce(250);
  await bench.write(sent, 'newer');
  await bench.file(ROOT_INO, 'never-sent', large);
  bench.drive.server.write('/never-sent', large);
  await bench.quiesce();
  const sizes = bench.drive.server
    .all()
    .flatMap(({ kind, content }) => (kind === 'file' ? [content.length] : []));
  assert.deepEqual(
    sizes.sort(),
    ['newer'.length, large.length, large.length],
    'two sides of what was never sent',
  );
  assert.equal(bench.drive.server.find('/sent')?.content.length, 'newer'.length);
});

test('a copy of a copy has one mark, and none that others have made there', () => {
  const atMs = new Date(2026, 10, 29, 22, 52, 57).getTime();
  const name = (of: string, taken: readonly string[] = []) =>
    conflictName(of, { host: 'laptop', atMs, isTaken: (one) => taken.includes(one) });
  const copy = 'a (conflict laptop 2026-11-29 22.52.57)';
  assert.equal(name('a'), copy);
  assert.equal(name('a (conflict other 2025-01-02 03.04.05 2)'), copy);
  assert.equal(name('a', [copy]), 'a (conflict laptop 2026-11-29 22.52.57 2)');
  assert.equal(name('v1.2 final'), 'v1.2 final (conflict laptop 2026-11-29 22.52.57)');
  assert.equal(name('a (conflict other 2025-01-02 03.04.05).txt'), `${copy}.txt`);
  assert.equal(name('.hidden'), '.hidden (conflict laptop 2026-11-29 22.52.57)');
});

test('a copy gets a name that nobody else has given to something there', async (t) => {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => server.write('/doc', 'old'),
    expectedWarnings: CONFLICT,
  });
  await bench.write(bench.inoAt('/doc'), 'mine', bench.itemAt('/doc'));
  bench.drive.server.write('/doc', 'theirs');
  const mark = conflictName('doc', { host: 'laptop', atMs: bench.clock.now(), isTaken: () => false });
  bench.drive.server.write(`/${mark}`, 'a copy by another computer of that name');
  bench.inoAt(`/${mark}`);
  await bench.quiesce();
  const copies = Object.keys(bench.serverTree()).filter((path) => path.includes('conflict'));
  assert.deepEqual(new Set(copies), new Set([`/${mark}`, `/${mark.replace(/\)$/, ' 2)')}`]));
});

test('what replaces a file whose version nobody here knows overwrites nothing', async (t) => {
  const bench = await spoolBench(t, {
    setUp: ({ server }) => server.write('/doc', 'theirs'),
    expectedWarnings: CONFLICT,
  });
  const ino = await bench.file(ROOT_INO, 'new', 'mine');
  const replaced = {
    ino: bench.inoAt('/doc'),
    item: bench.itemAt('/doc'),
    kind: 'file',
    version: null,
  } as const;
  bench.spool.rename(ino, null, 'file', { parent: ROOT_INO, name: 'doc' }, replaced);
  await bench.quiesce();
  const tree = bench.serverTree();
  assert.equal(tree['/doc'], 'theirs');
  assert.deepEqual(Object.values(tree).sort(), ['mine', 'theirs']);
});
