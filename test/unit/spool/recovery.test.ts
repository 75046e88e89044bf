import assert from 'node:assert/strict';
import { readFileSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT_INO, StateInUse } from '../../../src/spool/index.js';
import { SpoolBench, spoolBench } from '../../support/spool-bench.js';

test('ten thousand owed entries are recovered within a second', async (t) => {
  const bench = await spoolBench(t);
  const folder = bench.folder(ROOT_INO, 'folder');
  for (let count = 0; count < 10_000; count += 1) {
    bench.spool.make('folder', { parent: folder.ino, name: `${count}` }, { mode: 0o755 });
  }
  await bench.spool.close();
  const before = performance.now();
  await bench.open(false);
  const tookMs = performance.now() - before;
  assert.equal(bench.spool.statistics.owed, 10_001);
  assert.equal(bench.spool.placedAt(folder.ino, '9999')?.kind, 'folder');
  t.diagnostic(`recovered in ${tookMs.toFixed(0)} ms`);
});

test('one daemon per state', async (t) => {
  const bench = await spoolBench(t);
  const other = new SpoolBench(bench.stateDir, {});
  await assert.rejects(other.open(), StateInUse);
  await bench.reopen();
});

test('inos and what was set here stay over restarts', async (t) => {
  const bench = await spoolBench(t, { setUp: ({ server }) => server.write('/old', 'x') });
  const ino = await bench.file(ROOT_INO, 'new', 'x');
  const modified = { seconds: 1_600_000_000, nanoseconds: 123_456_789 };
  const xattrs = new Map([['user.comment', new Uint8Array([0, 1, 255])]]);
  bench.spool.setAttributes(ino, { mode: 0o600, uid: 4_294_967_294, modified, xattrs });
  const derived = bench.inoAt('/old');
  await bench.quiesce();
  await bench.reopen();
  assert.equal(bench.inoAt('/new'), ino);
  assert.equal(bench.inoAt('/old'), derived);
  const attributes = bench.spool.attributes(ino);
  assert.equal(attributes?.mode, 0o600);
  assert.equal(attributes.uid, 4_294_967_294);
  assert.deepEqual(attributes.modified, modified);
  assert.deepEqual(attributes.xattrs, xattrs);
  assert.equal(bench.spool.attributes(derived), undefined);
});

test('bytes that nobody knows of are quarantined; an empty or half-seeded file holds none', async (t) => {
  const bench = await spoolBench(t, { expectedWarnings: /nobody knows the name of/ });
  await bench.spool.close();
  const payloads = join(bench.stateDir, 'payloads');
  await writeFile(join(payloads, '77-1'), 'precious');
  await writeFile(join(payloads, '78-1'), '');
  await writeFile(join(payloads, '79-1.seed'), 'from the server');
  await bench.open();
  assert.deepEqual(await readdir(payloads), []);
  const [kept, ...rest] = bench.spool.quarantined;
  assert.deepEqual(rest, []);
  assert.equal(readFileSync(kept!, 'utf8'), 'precious');
});

test('a payload that is missing, or shorter than promised, is shown and never sent', async (t) => {
  const bench = await spoolBench(t);
  const short = await bench.file(ROOT_INO, 'short', 'twelve bytes');
  const missing = await bench.file(ROOT_INO, 'missing', 'twelve bytes');
  const shortFile = bench.spool.owed(short)!.content!.file;
  const missingFile = bench.spool.owed(missing)!.content!.file;
  await bench.spool.close();
  writeFileSync(shortFile, 'twelve');
  unlinkSync(missingFile);
  await bench.open();
  await bench.quiesce();
  assert.equal(bench.spool.owed(short)?.state.kind, 'refused');
  assert.equal(bench.spool.owed(missing)?.state.kind, 'refused');
  assert.deepEqual(bench.serverTree(), {});
});

test('what was being written when the process ended is owed as it is', async (t) => {
  const bench = await spoolBench(t);
  const { ino } = bench.spool.make('file', { parent: ROOT_INO, name: 'a' }, {});
  const seed = (): Promise<number> => Promise.resolve(0);
  const update = await bench.spool.beginUpdate(ino, { item: null, base: 'absent', truncate: true, seed });
  writeSync(update.descriptor, 'half a wor');
  await bench.spool.close();
  update.close();
  await bench.open();
  await bench.quiesce();
  assert.deepEqual(bench.serverTree(), { '/a': 'half a wor' });
});

test('of a damaged journal what reads is kept, and the rest is quarantined', async (t) => {
  const bench = await spoolBench(t, { expectedWarnings: /damaged|nobody knows the name of|refuses/ });
  for (let count = 0; count < 300; count += 1)
    await bench.file(ROOT_INO, `file ${count}`, `content ${count}`);
  await bench.spool.close();
  damage(join(bench.stateDir, 'journal.db'));
  await bench.open();
  const owed = [...bench.spool.all()].length;
  const quarantined = bench.spool.quarantined.length;
  assert.ok(owed > 100, `${owed} entries were read`);
  assert.ok(quarantined > 0, 'some were not');
  assert.equal(owed + quarantined, 300, 'nothing is lost');
  assert.ok((await readdir(bench.stateDir)).some((name) => name.includes('damaged')));
  const fresh = await bench.file(ROOT_INO, 'after', 'after');
  assert.ok(fresh > Math.max(...[...bench.spool.all()].map(({ ino }) => ino).filter((ino) => ino !== fresh)));
  await bench.quiesce(120_000);
  assert.equal(Object.keys(bench.serverTree()).length, owed + 1);
});

test('a journal that is no database any more: every payload is kept', async (t) => {
  const bench = await spoolBench(t, { expectedWarnings: /damaged|nobody knows the name of/ });
  await bench.file(ROOT_INO, 'a', 'precious');
  await bench.spool.close();
  writeFileSync(join(bench.stateDir, 'journal.db'), 'this is not a database, whoever reads it'.repeat(100));
  await bench.open();
  assert.equal(readFileSync(bench.spool.quarantined[0]!, 'utf8'), 'precious');
});

/** Overwrites one page that holds rows of what is owed. */
function damage(file: string): void {
  const pageBytes = 4096;
  const bytes = readFileSync(file);
  const isLeaf = (at: number): boolean => bytes[at] === 0x0d;
  for (let at = pageBytes * 8; at < bytes.length; at += pageBytes) {
    if (!isLeaf(at) || !bytes.subarray(at, at + pageBytes).includes('file 1')) continue;
    bytes.fill(0xa5, at, at + pageBytes);
    break;
  }
  writeFileSync(file, bytes);
}
