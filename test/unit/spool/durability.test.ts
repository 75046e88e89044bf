/** When the journal's log is worked off. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLog, openDatabase } from '../../../src/base/index.js';
import { Durability } from '../../../src/spool/durability.js';
import { JournalReserve } from '../../../src/spool/journal-reserve.js';
import { FakeClock } from '../../support/fake-clock.js';

const MIGRATIONS = ['CREATE TABLE written (bytes BLOB) STRICT'];
const LONG_LOG_BYTES = 9 * 1024 * 1024;

test('a log that somebody keeps long is worked off every few seconds, and also once nobody writes any more', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'odbfs-durability-'));
  t.after(() => rm(folder, { recursive: true }));
  const [journalPath, payloadFolder] = [join(folder, 'journal.db'), join(folder, 'payloads')];
  await mkdir(payloadFolder);
  const journal = openDatabase({ path: journalPath, migrations: MIGRATIONS });
  journal.pragma('wal_autocheckpoint = 0');
  const clock = new FakeClock();
  const errors: string[] = [];
  const log = createLog('error', { write: (line) => void errors.push(line) });
  const reserve = new JournalReserve(join(folder, 'reserve'), 0);
  const durability = new Durability({ journalPath, payloadFolder, reserve, clock, log });
  await durability.open();
  let workers = 0;
  const onWorker = (): void => {
    workers += 1;
  };
  process.on('worker', onWorker);
  t.after(() => process.off('worker', onWorker));

  // Whoever reads an older state keeps the log from beginning anew.
  const reader = openDatabase({ path: journalPath, migrations: MIGRATIONS });
  reader.exec('BEGIN; SELECT count(*) FROM written');
  journal.prepare('INSERT INTO written VALUES (zeroblob(?))').run(LONG_LOG_BYTES);
  const aSecond = async (): Promise<void> => {
    await clock.run(1000);
    await durability.sync();
  };
  for (let second = 0; second < 12; second += 1) {
    journal.prepare('INSERT INTO written VALUES (zeroblob(1))').run();
    durability.changed();
    await aSecond();
  }
  const whileWriting = workers;
  assert.ok(whileWriting <= 3, `${whileWriting} in 12 s`);
  for (let second = 0; second < 1000 && workers === whileWriting; second += 1) await aSecond();
  assert.equal(workers, whileWriting + 1, 'what was written last is worked off as well');
  await durability.close();
  reader.close();
  journal.close();
  assert.ok(workers <= 4, `${workers} in all`);
  assert.deepEqual(errors, []);
});
