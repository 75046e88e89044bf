/** A disk that refuses writes and a server that fails. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SlotFile } from '../../src/cache/slot-file.js';
import { DriveError } from '../../src/drive/index.js';
import { NEVER, openContentBench, pattern } from '../support/cache-content.js';

const MIB = 1024 * 1024;

function withFullDisk(refusals: number): () => void {
  const { write } = SlotFile.prototype;
  let left = refusals;
  SlotFile.prototype.write = function (this: SlotFile, offset, parts) {
    if (left === 0) return write.call(this, offset, parts);
    left -= 1;
    return Promise.reject(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }));
  };
  return () => {
    SlotFile.prototype.write = write;
  };
}

describe('content on a full disk', () => {
  it('is kept when evicting made room', async () => {
    const bench = await openContentBench();
    const bytes = pattern(MIB);
    bench.served.set('a', { version: 'v1', bytes });
    bench.served.set('old', { version: 'v1', bytes: pattern(40 * MIB) });
    const old = bench.cache.open('old', 'v1', 40 * MIB);
    await old.fill(NEVER);
    old.close();
    await bench.idle();
    const end = withFullDisk(1);
    const content = bench.cache.open('a', 'v1', MIB);
    await content.fill(NEVER);
    end();
    assert.ok(Buffer.from(await content.read(0, MIB, NEVER)).equals(bytes));
    content.close();
    await bench.close();
    assert.deepEqual(bench.complaints, []);
  });

  it('is handed through when it cannot be kept', async () => {
    const bench = await openContentBench({ freeBytes: async () => 0, floorBytes: 1 });
    const bytes = pattern(MIB);
    bench.served.set('a', { version: 'v1', bytes });
    const end = withFullDisk(1000);
    const content = bench.cache.open('a', 'v1', MIB);
    const read = await content.read(300_000, 100_000, NEVER);
    end();
    assert.ok(Buffer.from(read).equals(bytes.subarray(300_000, 400_000)));
    assert.ok(bench.requests.length <= 3, `${bench.requests.length} requests`);
    content.close();
    await bench.close();
    assert.deepEqual(bench.complaints, []);
  });

  it('is not asked for again and again by who wants all of it', async () => {
    const bench = await openContentBench();
    bench.served.set('a', { version: 'v1', bytes: pattern(4 * MIB) });
    const content = bench.cache.open('a', 'v1', 4 * MIB);
    await content.read(0, 1000, NEVER);
    const end = withFullDisk(Number.POSITIVE_INFINITY);
    const ends = AbortSignal.timeout(10_000);
    await assert.rejects(content.fill(ends), { code: 'ENOSPC' });
    assert.ok(bench.requests.length <= 8, `${bench.requests.length} requests`);
    end();
    bench.clock.advance(10_000);
    await content.fill(NEVER);
    assert.ok(content.complete, 'there is room again');
    content.close();
    await bench.close();
    assert.deepEqual(bench.complaints, []);
  });
});

describe('content from a server that fails', () => {
  it('gives up after failures without a byte in between, and asks again for the next reader', async () => {
    const bench = await openContentBench();
    bench.served.set('a', { version: 'v1', bytes: pattern(MIB) });
    let failures = 2;
    bench.beforeAnswer = () => {
      failures -= 1;
      if (failures >= 0) throw new DriveError('unreachable', 'no network');
    };
    const content = bench.cache.open('a', 'v1', MIB);
    await assert.rejects(async () => content.read(0, 1000, NEVER), { kind: 'unreachable' });
    assert.equal((await content.read(0, 1000, NEVER)).length, 1000);
    content.close();
    await bench.close();
    assert.deepEqual(bench.complaints, []);
  });
});
