/**
 * kill -9 at each numbered step of docs/SPOOL.md: after recovery, and once everything was sent, the server has what had
 * been acknowledged. The operation that was under way may have happened or not, but never half.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SPOOL_STEPS, type SpoolStep } from '../../src/spool/index.js';
import type { SpoolBench } from '../support/spool-bench.js';
import { applyToModel, type Model, paths } from '../support/spool-model.js';
import {
  type Deed,
  lastingBench,
  OUTSIDER_CONTENT,
  SERIES,
  SERVER_BEFORE,
  type Series,
} from '../support/spool-victim.js';

const VICTIM = fileURLToPath(new URL('../support/spool-victim.js', import.meta.url));

/** Which occurrences of a step are tried. */
const OCCURRENCES = [1, 2, 4];

/** Runs the victim; resolves with the last deed that it acknowledged, and whether it was killed. */
function runVictim(
  directory: string,
  step: SpoolStep,
  occurrence: number,
  series: Series = 'everything',
): Promise<{ last: number; killed: boolean }> {
  const child = spawn(process.execPath, [VICTIM, directory, step, String(occurrence), series], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = '';
  child.stdout.on('data', (chunk: Buffer) => {
    told += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (signal === null && code !== 0) reject(new Error(`the victim failed by itself at ${step}`));
      else resolve({ last: Number(told.trim().split('\n').pop() || -1), killed: signal === 'SIGKILL' });
    });
  });
}

function modelAfter(deeds: readonly Deed[], last: number): Model {
  const model: Model = new Map(Object.entries(SERVER_BEFORE));
  for (const deed of deeds.slice(0, last + 1)) {
    if (deed.kind === 'copy') model.set(deed.path, model.get(deed.from)!);
    else if (deed.kind !== 'wait' && deed.kind !== 'outsider') applyToModel(model, deed);
  }
  return model;
}

/** The server's tree but for the file that two clients fight about. */
function undisputed(tree: Record<string, string | null>): Record<string, string | null> {
  return Object.fromEntries(Object.entries(tree).filter(([path]) => !path.startsWith('/shared')));
}

function assertAcknowledged(bench: SpoolBench, deeds: readonly Deed[], last: number): void {
  const tree = bench.serverTree();
  const done = modelAfter(deeds, last);
  const next = deeds[last + 1];
  const allowed = [done, modelAfter(deeds, last + 1)];
  // Between open(O_TRUNC) and close a file is empty, as it would be on a local disk; so is one to be filled by a copy.
  if (next?.kind === 'write' || next?.kind === 'copy') allowed.push(new Map([...done, [next.path, '']]));
  const isAllowed = allowed.some((model) => {
    const sorted = Object.fromEntries([...model].sort());
    return JSON.stringify(undisputed(sorted)) === JSON.stringify(undisputed(tree));
  });
  assert.ok(isAllowed, `${JSON.stringify(tree)} after deed ${last}`);
  const write = deeds.findIndex((deed) => deed.kind === 'write' && deed.path === '/shared');
  if (write < 0) return;
  if (last >= write)
    assert.ok(Object.values(tree).includes('shared: mine'), 'our bytes of the disputed file');
  if (last > write) assert.equal(tree['/shared'], OUTSIDER_CONTENT);
}

/** Resolves with whether it came to that; where not, it does not come to a later occurrence either. */
async function killAt(step: SpoolStep, occurrence: number, series: Series = 'everything'): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'odbfs-kill-'));
  try {
    const { last, killed } = await runVictim(directory, step, occurrence, series);
    if (!killed) {
      assert.equal(series, 'everything', 'a copy comes by each of its steps');
      return false;
    }
    const bench = lastingBench(directory, () => undefined);
    await bench.open();
    try {
      paths(bench);
      await bench.quiesce(30_000);
      assert.equal([...bench.spool.all()].length, 0, 'nothing is owed any more');
      assert.deepEqual(bench.spool.quarantined, []);
      assertAcknowledged(bench, SERIES[series], last);
      assert.deepEqual(bench.warnings, []);
      return true;
    } finally {
      await bench.spool.close();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

for (const step of SPOOL_STEPS) {
  test(`killed at ${step}`, async () => {
    for (const occurrence of OCCURRENCES) if (!(await killAt(step, occurrence))) break;
  });
}

/** 1: of the copy itself; 2: of what is written into it afterwards. */
const OF_A_COPY = SPOOL_STEPS.filter((step) => /^S([789]|1[01]) /.test(step));

for (const step of OF_A_COPY) {
  test(`killed at ${step} of a copy by the server`, async () => {
    for (const occurrence of [1, 2]) await killAt(step, occurrence, 'copy');
  });
}

test('a kill while a recovered payload is being set aside loses nothing', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'odbfs-kill-'));
  try {
    const first = lastingBench(directory, () => undefined);
    await first.open();
    await first.spool.close();
    await writeFile(join(directory, 'state', 'payloads', 'nobody-knows'), 'bytes of somebody');
    await runVictim(directory, 'S18 payload set aside', 1);
    const bench = lastingBench(directory, () => undefined);
    await bench.open();
    assert.equal(bench.spool.quarantined.length, 1);
    await bench.spool.close();
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
