/** What local calls cost the journal: whoever makes a thousand files waits for each of its transactions. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT_INO } from '../../../src/spool/index.js';
import { type SpoolBench, spoolBench } from '../../support/spool-bench.js';

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

test('what is written again after it was owed is another content', async (t) => {
  const bench = await spoolBench(t);
  const ino = await bench.file(ROOT_INO, 'a', '');
  const first = bench.spool.owed(ino)!.content!.generation;
  await bench.write(ino, '');
  assert.notEqual(bench.spool.owed(ino)!.content!.generation, first);
});
