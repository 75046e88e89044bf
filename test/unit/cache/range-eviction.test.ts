/** An open content that is larger than the room: what was used least recently goes, and the rest of it stays. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import type { CachedContent, ContentCacheOptions } from '../../../src/cache/index.js';
import { punchHole } from '../../../src/fuse/index.js';
import { type ContentBench, NEVER, openContentBench, pattern } from '../../support/cache-content.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const SIZE = 24 * MIB;
let bench: ContentBench;

async function open(options: Partial<ContentCacheOptions> = {}): Promise<CachedContent> {
  const limits = { readAheadBytes: 2 * MIB };
  bench = await openContentBench({ limitBytes: 8 * MIB, limits, punchHole, ...options });
  bench.served.set('large', { version: 'v1', bytes: pattern(SIZE) });
  return bench.cache.open('large', 'v1', SIZE);
}
afterEach(async () => {
  await bench.close();
  assert.deepEqual(bench.complaints, []);
});

/** Reads it as somebody who is not in a hurry, and compares. */
async function read(content: CachedContent, offset: number, length = 64 * KIB): Promise<void> {
  bench.clock.advance(10);
  const { bytes } = bench.served.get(content.item)!;
  const answer = await content.read(offset, length, NEVER);
  assert.ok(Buffer.from(answer).equals(bytes.subarray(offset, offset + length)), `at ${offset}`);
  await bench.idle(2);
}

function bytesAsked(): number {
  return bench.requests.reduce((sum, { range }) => sum + (range?.length ?? SIZE), 0);
}

test('what is read again and again stays, whatever else is read once', async () => {
  const content = await open();
  const hot = [0, 3 * MIB];
  for (let part = 4 * MIB; part < SIZE; part += MIB) {
    for (const offset of hot) await read(content, offset);
    for (let at = part; at < part + MIB; at += 256 * KIB) await read(content, at);
    assert.ok(bench.cache.statistics.bytes <= 9 * MIB, `${bench.cache.statistics.bytes} bytes`);
  }
  const asked = bench.requests.filter(({ range }) => hot.includes(range?.offset ?? -1));
  assert.equal(asked.length, hot.length);
  content.close();
});

test('a content that is read from its beginning to its end is asked for once', async () => {
  const content = await open();
  for (let offset = 0; offset < SIZE; offset += 128 * KIB) await read(content, offset, 128 * KIB);
  assert.ok(bytesAsked() <= SIZE, `${bytesAsked()} bytes`);
  content.close();
});

test('of two that are open the one that nobody reads any more makes way', async () => {
  const content = await open();
  bench.served.set('other', { version: 'v1', bytes: pattern(SIZE, 2) });
  const other = bench.cache.open('other', 'v1', SIZE);
  for (let at = 0; at < MIB; at += 64 * KIB) await read(other, at);
  for (let at = 0; at < 10 * MIB; at += 64 * KIB) await read(content, at);
  assert.ok(bench.cache.bytesOf('other') < MIB, `${bench.cache.bytesOf('other')} bytes`);
  assert.ok(bench.cache.bytesOf('large') > 5 * MIB);
  await read(other, 0);
  other.close();
  content.close();
});

async function fetchSmall(): Promise<void> {
  bench.served.set('small', { version: 'v1', bytes: pattern(512 * KIB, 3) });
  const small = bench.cache.open('small', 'v1', 512 * KIB);
  await small.fill(NEVER);
  small.close();
  await bench.idle();
}

test('what was closed long before goes before what is read in a content that is open', async () => {
  const content = await open();
  await fetchSmall();
  let most = 0;
  for (let at = 0; bench.cache.isComplete('small', 'v1') && at < SIZE; at += 64 * KIB) {
    await read(content, at);
    most = Math.max(most, bench.cache.bytesOf('large'));
  }
  assert.equal(bench.cache.isComplete('small', 'v1'), false);
  assert.ok(bench.cache.bytesOf('large') > most - MIB);
  content.close();
});

test('what was closed a moment ago outlives what somebody read long before in a content that is open', async () => {
  const content = await open();
  for (let at = 0; at < 5 * MIB; at += 64 * KIB) await read(content, at);
  await fetchSmall();
  for (let at = 5 * MIB; at < 9 * MIB; at += 64 * KIB) await read(content, at);
  assert.ok(bench.cache.isComplete('small', 'v1'));
  content.close();
});

test('what is pinned stays, also while it is not all here', async () => {
  const content = await open();
  bench.served.set('pinned', { version: 'v1', bytes: pattern(4 * MIB, 4) });
  bench.beforeChunk = ({ item, signal }, offset) => {
    if (item !== 'pinned' || offset < 2 * MIB) return;
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  };
  const pinned = bench.cache.open('pinned', 'v1', 4 * MIB);
  bench.cache.setPinned('pinned', true);
  await bench.until(() => bench.cache.bytesOf('pinned') >= MIB);
  for (let at = 0; at < 10 * MIB; at += 64 * KIB) await read(content, at);
  assert.ok(bench.cache.bytesOf('pinned') >= MIB);
  pinned.close();
  content.close();
});

test('what somebody needs as a whole comes as a whole, though it be more than all the room', async () => {
  const content = await open();
  await content.fill(AbortSignal.timeout(20_000));
  assert.ok(content.complete);
  await fetchSmall();
  bench.served.delete('large');
  const all = await content.read(0, SIZE, NEVER);
  assert.ok(Buffer.from(all).equals(pattern(SIZE)));
  content.close();
  await bench.idle();
  assert.ok(bench.cache.statistics.bytes <= 8 * MIB, 'afterwards it goes');
});

test('a crash just after a part was given back: nothing is taken for being here that is not', async () => {
  let crashed: string | null = null;
  const content = await open({
    punchHole: async (descriptor, offset, length) => {
      await punchHole(descriptor, offset, length);
      if (crashed !== null) return;
      crashed = mkdtempSync(join(tmpdir(), 'odbfs-content-'));
      cpSync(bench.cacheDir, crashed, { recursive: true });
    },
  });
  for (let at = 0; at < 12 * MIB; at += 64 * KIB) await read(content, at);
  content.close();
  await bench.cache.close();
  assert.ok(crashed !== null);
  rmSync(bench.cacheDir, { recursive: true });
  renameSync(crashed, bench.cacheDir);
  await bench.open();
  const again = bench.cache.open('large', 'v1', SIZE);
  assert.ok(bench.cache.bytesOf('large') > 4 * MIB, 'and most of it is');
  for (let at = 0; at < 12 * MIB; at += 64 * KIB) await read(again, at);
  again.close();
});

test('where the disk takes nothing back in parts, a content makes way as a whole', async () => {
  let asked = 0;
  const content = await open({
    punchHole: () => {
      asked += 1;
      return Promise.reject(Object.assign(new Error('not here'), { code: 'EOPNOTSUPP' }));
    },
  });
  for (let at = 0; at < SIZE; at += 64 * KIB) await read(content, at);
  assert.ok(bench.cache.statistics.bytes <= 9 * MIB, `${bench.cache.statistics.bytes} bytes`);
  assert.equal(asked, 1);
  content.close();
});
