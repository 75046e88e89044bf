/** When the journal's log is worked off, and how many payloads are synced together. */
import assert from 'node:assert/strict';
import { fstatSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createLog, openDatabase, silentLog } from '../../../src/base/index.js';
import { syncFileSystem } from '../../../src/fuse/index.js';
import { Durability, type SyncFileSystem } from '../../../src/spool/durability.js';
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

/** With so many changed payloads; one of them is where no file can be, so that a sync of its own fails. */
async function withPayloads(t: TestContext, count: number, syncDisk: SyncFileSystem) {
  const folder = await mkdtemp(join(tmpdir(), 'odbfs-durability-'));
  t.after(() => rm(folder, { recursive: true }));
  const [journalPath, payloadFolder] = [join(folder, 'journal.db'), join(folder, 'payloads')];
  await mkdir(payloadFolder);
  await writeFile(`${journalPath}-wal`, '');
  const reserve = new JournalReserve(join(folder, 'reserve'), 0);
  const clock = new FakeClock();
  const shared = { journalPath, payloadFolder, reserve, clock, log: silentLog };
  const durability = new Durability({ ...shared, syncFileSystem: syncDisk });
  await durability.open();
  for (let ino = 1; ino <= count; ino += 1) {
    const file = join(payloadFolder, ino === 1 ? 'f/x' : 'f');
    await writeFile(join(payloadFolder, 'f'), 'bytes');
    durability.changed({ ino, file });
  }
  const close = async (): Promise<void> => {
    await rm(join(payloadFolder, 'f'));
    await mkdir(join(payloadFolder, 'f'));
    await writeFile(join(payloadFolder, 'f/x'), 'there now');
    await durability.close();
  };
  return { durability, payloadFolder, close };
}

test('many payloads are synced with all of their disk at once, few one by one', async (t) => {
  const synced: number[] = [];
  const note = async (descriptor: number): Promise<void> => {
    synced.push(fstatSync(descriptor).ino);
    await syncFileSystem(descriptor);
  };
  const many = await withPayloads(t, 40, note);
  await many.durability.sync();
  assert.deepEqual(synced, [statSync(many.payloadFolder).ino]);
  await many.close();
  const few = await withPayloads(t, 4, note);
  await assert.rejects(few.durability.sync(), { code: 'ENOTDIR' });
  assert.equal(synced.length, 1);
  await few.close();
});

test('where the disk can not be synced as a whole, each payload is', async (t) => {
  const { durability, close } = await withPayloads(t, 40, () => syncFileSystem(-1));
  await assert.rejects(durability.sync(), { code: 'ENOTDIR' }, 'the one that can not be');
  await close();
});
