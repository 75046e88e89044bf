import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { silentLog } from '../../../src/base/index.js';
import { WayFile } from '../../../src/daemon/way-file.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'odbfs-ways-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const PROBED_AT = '2026-11-22T08:00:00.000Z';

function probed(answers: Readonly<Record<string, 'yes' | 'no' | 'unknown'>>): void {
  const report = {
    format: 1,
    madeAt: PROBED_AT,
    serverBuild: null,
    answers: Object.entries(answers).map(([id, verdict]) => ({ id, question: id, verdict, seen: {} })),
  };
  writeFileSync(join(folder, 'probe.json'), JSON.stringify(report));
}

test('what was learned is there after a restart, for its owner only', () => {
  new WayFile(folder, silentLog).save({ batch: { works: false, atMs: 1 } });
  assert.deepEqual(new WayFile(folder, silentLog).load(), { batch: { works: false, atMs: 1 } });
  assert.equal(statSync(join(folder, 'ways.json')).mode & 0o077, 0);
});

test('what the probe found is used; of that and what was learned, the newer counts', () => {
  const file = new WayFile(folder, silentLog);
  const atMs = Date.parse(PROBED_AT);
  file.save({
    usage: { works: false, atMs: atMs - 1 },
    batch: { works: false, atMs: atMs + 1 },
    conditions: { works: true, atMs: 5 },
  });
  probed({ 'rest-usage': 'yes', 'rest-batch': 'yes', 'rest-changes-since': 'no', 'dav-quota': 'unknown' });
  assert.deepEqual(file.load(), {
    usage: { works: true, atMs },
    batch: { works: false, atMs: atMs + 1 },
    'changes-since': { works: false, atMs },
    conditions: { works: true, atMs: 5 },
  });
});

test('how many rows a page may have, and what becomes of dates, is there after a restart', () => {
  const dates = { first: 1, errorsMs: { 0: 7_000 }, atMs: 3 };
  const learned = { batch: { works: true, atMs: 1 }, pageRows: { rows: 625, atMs: 2 }, dates };
  new WayFile(folder, silentLog).save(learned);
  assert.deepEqual(new WayFile(folder, silentLog).load(), learned);
});

test('files that make no sense are learned anew', () => {
  writeFileSync(join(folder, 'ways.json'), '{"format":1,"ways":{"batch":');
  writeFileSync(join(folder, 'probe.json'), '[]');
  assert.deepEqual(new WayFile(folder, silentLog).load(), {});
});
