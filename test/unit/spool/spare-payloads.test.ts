import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SparePayloads } from '../../../src/spool/spare-payloads.js';
import { FakeClock } from '../../support/fake-clock.js';
import { spoolBench } from '../../support/spool-bench.js';

const MOST = 16;

/** A disk on which everything takes so long; on a busy machine, every third file does. */
class SlowClock extends FakeClock {
  stepMs = 1;
  isBusyOnly = false;
  rests = 0;
  #passed = 0;
  #files = 0;

  override monotonic(): number {
    this.#files += 0.5;
    if (!this.isBusyOnly || Math.floor(this.#files) % 3 === 1) this.#passed += this.stepMs;
    return super.monotonic() + this.#passed;
  }

  override after(delayMs: number, callback: () => void): () => void {
    this.rests += 1;
    return super.after(delayMs, callback);
  }
}

function folders(t: TestContext): { readonly spares: string; readonly payloads: string } {
  const directory = mkdtempSync(join(tmpdir(), 'odbfs-spares-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const payloads = join(directory, 'payloads');
  mkdirSync(payloads);
  return { spares: join(directory, 'spares'), payloads };
}

async function made(spares: SparePayloads, count: number): Promise<void> {
  while (spares.count < count) await new Promise((resolve) => setImmediate(resolve));
}

function take(spares: SparePayloads, payloads: string, count: number): void {
  for (let taken = 1; taken <= count; taken += 1) assert.ok(spares.take(join(payloads, `2-${taken}`)));
}

test('where a file takes long to make, more are made ahead, and become payloads by rename', async (t) => {
  const { spares: folder, payloads } = folders(t);
  const clock = new SlowClock();
  const spares = new SparePayloads(folder, clock, MOST);
  await spares.open(payloads);
  await made(spares, MOST);
  const file = join(payloads, '1-1');
  assert.equal(spares.take(file), true);
  const { size, mode } = statSync(file);
  assert.deepEqual({ size, mode: mode & 0o777 }, { size: 0, mode: 0o600 });
  take(spares, payloads, 9);
  assert.equal(spares.count, MOST - 10, 'whoever takes them has the folder for himself');
  await clock.run(2000);
  await made(spares, MOST);
  await spares.close();
  assert.equal(readdirSync(folder).length, MOST);
});

test('while somebody takes some, no more are made until he is done', async (t) => {
  const { spares: folder, payloads } = folders(t);
  const clock = new SlowClock();
  const [most, enough] = [200, 120];
  const spares = new SparePayloads(folder, clock, most);
  await spares.open(payloads);
  await made(spares, enough);
  take(spares, payloads, 1);
  const left = spares.count;
  while (clock.rests === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(spares.count <= left + 1, 'but for the one that was under way');
  await clock.run(2000);
  await made(spares, most);
  await spares.close();
});

test('when the last of them are being taken, more are made at once', async (t) => {
  const { spares: folder, payloads } = folders(t);
  const spares = new SparePayloads(folder, new SlowClock(), MOST);
  await spares.open(payloads);
  await made(spares, MOST);
  take(spares, payloads, MOST - 1);
  await made(spares, MOST / 2);
  await spares.close();
});

test('where files have become cheap meanwhile, no more are made', async (t) => {
  const { spares: folder, payloads } = folders(t);
  const clock = new SlowClock();
  const spares = new SparePayloads(folder, clock, MOST);
  await spares.open(payloads);
  await made(spares, MOST);
  clock.stepMs = 0;
  take(spares, payloads, MOST - 4);
  await clock.run(2000);
  await spares.close();
  assert.equal(readdirSync(folder).length, 5, 'one was made to try it out');
});

test('a file that only waited for a busy machine is not dear', async (t) => {
  const { spares: folder, payloads } = folders(t);
  const clock = new SlowClock();
  clock.isBusyOnly = true;
  const spares = new SparePayloads(folder, clock, MOST);
  await spares.open(payloads);
  for (const tookMs of [9, 0.1, 9, 9, 0.1, 9]) spares.made(tookMs);
  await spares.close();
  assert.equal(readdirSync(folder).length, 2, 'those that were made to try it out');
});

test('where it takes no time, none are made', async (t) => {
  const { spares: folder, payloads } = folders(t);
  const spares = new SparePayloads(folder, new FakeClock(), MOST);
  await spares.open(payloads);
  assert.equal(spares.take(join(payloads, '1-1')), true, 'the one that was made to try it out');
  assert.equal(spares.take(join(payloads, '1-2')), false);
  spares.made(0.1);
  await spares.close();
  assert.deepEqual(readdirSync(folder), []);
});

test('what an earlier run left is used; what has bytes in it is no spare file, and is kept', async (t) => {
  const { spares: folder, payloads } = folders(t);
  mkdirSync(folder);
  writeFileSync(join(folder, '7'), '');
  writeFileSync(join(folder, '8'), 'precious');
  const spares = new SparePayloads(folder, new FakeClock(), MOST);
  await spares.open(payloads);
  assert.equal(statSync(join(payloads, 'spare-8')).size, 8);
  assert.ok(spares.take(join(payloads, '1-1')) && spares.take(join(payloads, '1-2')));
  assert.equal(spares.take(join(payloads, '1-3')), false);
  await spares.close();
});

test('a spare file that somebody removed is none', async (t) => {
  const { spares: folder, payloads } = folders(t);
  const spares = new SparePayloads(folder, new FakeClock(), MOST);
  await spares.open(payloads);
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  assert.equal(spares.take(join(payloads, '1-1')), false);
  await spares.close();
});

test('bytes among the spare files end up in quarantine', async (t) => {
  const bench = await spoolBench(t, { expectedWarnings: /bytes that nobody knows/ });
  await bench.spool.close();
  writeFileSync(join(bench.stateDir, 'spares', '99'), 'precious');
  await bench.open();
  assert.equal(bench.spool.quarantined.length, 1);
  assert.ok(existsSync(bench.spool.quarantined[0]!));
});
