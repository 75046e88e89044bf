/**
 * SEMANTICS: "`fsync`, `fdatasync`, `O_SYNC` returned: a power cut". A power cut takes what no sync followed, so the
 * system calls are recorded and it is checked that when `sync` resolves every write before it has been followed by a
 * sync of that file, and every new name by a sync of its folder. (SPOOL.md, "Power cuts", says why in this way.)
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SUBJECT = fileURLToPath(new URL('../support/spool-sync-subject.js', import.meta.url));
const TRACED = 'write,pwrite64,rename,fsync,fdatasync';

/** What a power cut at this line of the record would take: written files and new names that no sync followed. */
function unsyncedAt(lines: readonly string[]): string[] {
  const unsynced = new Set<string>();
  for (const line of lines) {
    const call = /\b(write|pwrite64|fsync|fdatasync)\(\d+<([^>]*)>/.exec(line);
    if (call?.[1]?.includes('write')) unsynced.add(call[2]!);
    else if (call) unsynced.delete(call[2]!);
    const rename = /\brename\("([^"]*)", "([^"]*)"/.exec(line);
    if (rename === null) continue;
    if (unsynced.delete(rename[1]!)) unsynced.add(rename[2]!);
    unsynced.add(dirname(rename[2]!));
  }
  return [...unsynced];
}

test('when sync resolves, nothing that was written before is left to a power cut', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'odbfs-cut-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const state = join(directory, 'state');
  const record = join(directory, 'record');
  const args = [
    '-f',
    '-y',
    '-s',
    '32',
    '-o',
    record,
    '-e',
    `trace=${TRACED}`,
    process.execPath,
    SUBJECT,
    state,
  ];
  const run = spawnSync('strace', args, { encoding: 'utf8' });
  if (run.error !== undefined) return t.diagnostic('strace is not installed: nothing could be recorded');
  assert.equal(run.status, 0, run.stderr);
  const lines = (await readFile(record, 'utf8')).split('\n');
  for (const marker of ['SYNCED ONE', 'SYNCED ALL']) {
    const at = lines.findIndex((line) => line.includes(marker));
    assert.ok(at > 0, `${marker} is in the record`);
    const before = lines.slice(0, at);
    assert.ok(
      before.some((line) => line.includes(`${state}/payloads/`)),
      'payloads were written',
    );
    assert.ok(
      before.some((line) => line.includes('journal.db-wal')),
      'the log was written',
    );
    const lost = unsyncedAt(before).filter((path) => path.includes('/payloads') || path.endsWith('-wal'));
    assert.deepEqual(lost, []);
  }
});
