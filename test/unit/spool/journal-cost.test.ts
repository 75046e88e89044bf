/** What local calls cost the journal: whoever makes a thousand files waits for each of its transactions. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT_INO, type SpoolStep } from '../../../src/spool/index.js';
import { SpoolBench, spoolBench } from '../../support/spool-bench.js';

const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/** A transaction's last frame in the write-ahead log carries the size of the database after it; the others carry 0. */
function transactions({ stateDir }: SpoolBench): number {
  const log = readFileSync(join(stateDir, 'journal.db-wal'));
  const frameBytes = FRAME_HEADER_BYTES + log.readUInt32BE(8);
  let count = 0;
  for (let at = WAL_HEADER_BYTES; at + frameBytes <= log.length; at += frameBytes)
    if (log.readUInt32BE(at + 4) !== 0) count += 1;
  return count;
}

test('a new file is recorded in one transaction when it is made, and in one when it is closed', async (t) => {
  const bench = await spoolBench(t);
  const { ino: parent } = bench.folder(ROOT_INO, 'folder');
  await bench.file(parent, 'the first one takes numbers', '');
  const before = transactions(bench);
  const times = { modified: { seconds: 5, nanoseconds: 6 }, changed: { seconds: 7, nanoseconds: 8 } };
  const { ino } = bench.spool.make('file', { parent, name: 'a' }, { mode: 0o640, ...times }, times);
  const seed = () => Promise.resolve(0);
  const update = await bench.spool.beginUpdate(ino, { item: null, base: 'absent', truncate: true, seed });
  assert.equal(transactions(bench) - before, 1);
  const written = { modified: { seconds: 9, nanoseconds: 0 }, changed: { seconds: 9, nanoseconds: 0 } };
  bench.spool.commit(ino, 0, { item: null, modifiedMs: 9000, attributes: written });
  update.close();
  assert.equal(transactions(bench) - before, 2);

  await bench.reopen();
  const { mode, modified } = bench.spool.attributes(ino)!;
  assert.deepEqual({ mode, modified }, { mode: 0o640, modified: written.modified });
  assert.deepEqual(bench.spool.attributes(parent)?.modified, times.modified);
  assert.equal(bench.spool.owed(ino)?.modifiedMs, 9000);
});

test('a change of one row is one transaction, and one of many is done as a whole', async (t) => {
  const bench = await spoolBench(t);
  const { ino } = bench.folder(ROOT_INO, 'folder');
  const before = transactions(bench);
  bench.spool.setAttributes(ino, { mode: 0o700 });
  assert.equal(transactions(bench) - before, 1);
  const changed = { seconds: 1, nanoseconds: 2 };
  bench.spool.make('folder', { parent: ino, name: 'a' }, { mode: 0o750 }, { changed });
  assert.equal(transactions(bench) - before, 2);
  await bench.reopen();
  assert.deepEqual(bench.spool.attributes(ino)?.changed, changed);
  assert.equal(bench.spool.attributes(ino)?.mode, 0o700);
  assert.equal(bench.spool.attributes(bench.spool.placedAt(ino, 'a')!.ino)?.mode, 0o750);
});

test('what is written again after it was owed is another content', async (t) => {
  const bench = await spoolBench(t);
  const ino = await bench.file(ROOT_INO, 'a', '');
  const first = bench.spool.owed(ino)!.content!.generation;
  await bench.write(ino, '');
  assert.notEqual(bench.spool.owed(ino)!.content!.generation, first);
});

const TOLD_MS = 1_000_000_000_000;

test('a time that the server was told is two transactions: the attempt, and its end', async (t) => {
  const perStep: [SpoolStep, number][] = [];
  let note = (_step: SpoolStep): void => undefined;
  const bench = await spoolBench(t, { onStep: (step) => note(step) });
  const ino = await bench.file(ROOT_INO, 'a', 'x');
  await bench.quiesce();
  note = (step) => void perStep.push([step, transactions(bench)]);
  bench.spool.touch(ino, bench.itemAt('/a'), TOLD_MS);
  const before = transactions(bench);
  await bench.quiesce();
  assert.deepEqual(perStep, [
    ['S8 server has it', before + 1],
    ['S9 success recorded', before + 1],
    ['S10 caches told', before + 1],
    ['S11 node settled', before + 2],
  ]);
  assert.equal(bench.drive.server.find('/a')?.modifiedMs, TOLD_MS);
});

test('a crash before the end of it is recorded: it is told again, and nothing is made of it', async (t) => {
  const copies = await mkdtemp(join(tmpdir(), 'odbfs-time-'));
  t.after(() => rm(copies, { recursive: true }));
  let isWanted = false;
  const bench = await spoolBench(t, {
    onStep: (step) => {
      if (isWanted && step === 'S10 caches told') cpSync(bench.stateDir, copies, { recursive: true });
    },
  });
  const ino = await bench.file(ROOT_INO, 'a', 'x');
  await bench.quiesce();
  bench.spool.touch(ino, bench.itemAt('/a'), TOLD_MS);
  isWanted = true;
  await bench.quiesce();
  await bench.spool.close();

  const after = new SpoolBench(copies, { setUp: (drive) => drive.server.write('/a', 'x') });
  after.drive.server.setModified('/a', TOLD_MS);
  await after.open(false);
  t.after(() => after.spool.close());
  assert.equal(after.spool.owed(ino)?.modifiedMs, TOLD_MS);
  await after.spool.start();
  await after.quiesce();
  assert.deepEqual([...after.spool.all()], []);
  assert.deepEqual(after.serverTree(), { '/a': 'x' });
  assert.equal(after.drive.server.find('/a')?.modifiedMs, TOLD_MS);
  assert.deepEqual(after.warnings, []);
});
