import assert from 'node:assert/strict';
import { readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { DriveError } from '../../../src/drive/index.js';
import { type ContentBench, NEVER, openContentBench, pattern } from '../../support/cache-content.js';

const KIB = 1024;
const MIB = 1024 * KIB;

describe('the content cache', () => {
  let bench: ContentBench;

  const serve = (item: string, size: number, version = 'v1') => {
    const bytes = pattern(size, item.charCodeAt(0));
    bench.served.set(item, { version, bytes });
    return bytes;
  };

  beforeEach(async () => {
    bench = await openContentBench();
  });

  afterEach(async () => {
    await bench.close();
    assert.deepEqual(bench.complaints, []);
  });

  it('fetches a small file as a whole, in one request without a range', async () => {
    const bytes = serve('a', 100 * KIB);
    const content = bench.cache.open('a', 'v1', 100 * KIB);
    const read = await content.read(8 * KIB, 4 * KIB, NEVER);
    assert.deepEqual(Buffer.from(read), Buffer.from(bytes.subarray(8 * KIB, 12 * KIB)));
    await content.fill(NEVER);
    assert.equal(bench.requests.length, 1);
    assert.equal(bench.requests[0]!.range, null);
    assert.ok(content.complete);
    const whole = Buffer.alloc(100 * KIB);
    readSync(content.descriptor, whole, 0, whole.length, 0);
    assert.deepEqual(whole, Buffer.from(bytes));
    content.close();
  });

  it('gives the first bytes before the last ones have come', async () => {
    serve('a', 200 * KIB);
    let release = () => {};
    bench.beforeChunk = (_, offset) =>
      offset === 0 ? undefined : new Promise<void>((resolve) => (release = resolve));
    const content = bench.cache.open('a', 'v1', 200 * KIB);
    const first = await content.read(0, 4 * KIB, NEVER);
    assert.equal(first.length, 4 * KIB);
    assert.equal(content.complete, false);
    bench.beforeChunk = () => {};
    release();
    await content.fill(NEVER);
    content.close();
  });

  it('fetches little more than what a random reader asks for', async () => {
    const bytes = serve('b', 64 * MIB);
    const content = bench.cache.open('b', 'v1', 64 * MIB);
    for (let read = 0; read < 40; read += 1) {
      const offset = (((read * 7919) % 1000) * 64 + 12) * KIB;
      const got = await content.read(offset, 64 * KIB, NEVER);
      assert.ok(Buffer.from(got).equals(bytes.subarray(offset, offset + 64 * KIB)));
    }
    assert.ok(bench.metrics.get('content.bytesFetched') <= 40 * 128 * KIB);
    content.close();
  });

  it('reads ahead of a sequential reader, several requests at once, and nothing twice', async () => {
    const size = 40 * MIB;
    const bytes = serve('c', size);
    let atOnce = 0;
    let most = 0;
    bench.beforeAnswer = async () => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
    };
    const content = bench.cache.open('c', 'v1', size);
    for (let offset = 0; offset < size; offset += 128 * KIB) {
      const got = await content.read(offset, 128 * KIB, NEVER);
      assert.ok(Buffer.from(got).equals(bytes.subarray(offset, offset + 128 * KIB)));
    }
    assert.ok(content.complete);
    assert.equal(bench.metrics.get('content.bytesFetched'), size);
    assert.ok(most >= 4, `${most} requests at once`);
    // How far ahead it gets depends on how busy the machine is; one request a read would be 320.
    assert.ok(bench.requests.length <= 80, `${bench.requests.length} requests`);
    content.close();
  });

  it('asks for whole portions, however fast the server is', async () => {
    const size = 64 * MIB;
    serve('c', size);
    bench.chunkBytes = MIB;
    const content = bench.cache.open('c', 'v1', size);
    for (let offset = 0; offset < size; offset += 128 * KIB) {
      await content.read(offset, 128 * KIB, NEVER);
      const { requests } = bench;
      const asked = requests.reduce((sum, { range }) => sum + (range?.length ?? 0), 0);
      await bench.until(() => bench.metrics.get('content.bytesFetched') === asked);
    }
    assert.ok(bench.requests.length <= 40, `${bench.requests.length} requests`);
    content.close();
  });

  it('goes on where a cut stream ended', async () => {
    const bytes = serve('d', 1 * MIB);
    let cuts = 0;
    bench.beforeChunk = (_, offset) => {
      if (offset % (256 * KIB) !== 0 || offset === 0 || cuts >= 6) return;
      cuts += 1;
      if (cuts % 2 === 1) throw new DriveError('unreachable', 'cut');
    };
    const content = bench.cache.open('d', 'v1', 1 * MIB);
    await content.fill(NEVER);
    assert.ok(Buffer.from(await content.read(0, 1 * MIB, NEVER)).equals(bytes));
    assert.equal(bench.metrics.get('content.bytesFetched'), 1 * MIB);
    content.close();
  });

  it('takes the size from the answer, longer or shorter than listed', async () => {
    const bytes = serve('e', 300 * KIB);
    const longer = bench.cache.open('e', 'v1', 290 * KIB);
    await longer.fill(NEVER);
    assert.equal(longer.size, 300 * KIB);
    assert.ok(Buffer.from(await longer.read(0, MIB, NEVER)).equals(bytes));
    longer.close();
    serve('f', 500 * KIB);
    bench.tellsSize = false;
    const shorter = bench.cache.open('f', 'v1', 600 * KIB);
    assert.equal((await shorter.read(450 * KIB, 128 * KIB, NEVER)).length, 50 * KIB);
    assert.equal(shorter.size, 500 * KIB);
    shorter.close();
  });

  it('never mixes versions: what is missing of an old one fails', async () => {
    serve('g', 2 * MIB);
    const content = bench.cache.open('g', 'v1', 2 * MIB);
    await content.read(0, 64 * KIB, NEVER);
    serve('g', 2 * MIB, 'v2');
    await assert.rejects(async () => content.read(1 * MIB, 64 * KIB, NEVER), { kind: 'changed' });
    assert.equal((await content.read(0, 64 * KIB, NEVER)).length, 64 * KIB);
    await assert.rejects(async () => content.read(1 * MIB, 64 * KIB, NEVER), { kind: 'changed' });
    content.close();
  });

  it('survives a restart', async () => {
    const bytes = serve('h', 3 * MIB);
    const content = bench.cache.open('h', 'v1', 3 * MIB);
    await content.read(1 * MIB, 100 * KIB, NEVER);
    const here = bench.cache.bytesOf('h');
    content.close();
    await bench.restart();
    assert.equal(bench.cache.bytesOf('h'), here);
    const requests = bench.requests.length;
    const again = bench.cache.open('h', 'v1', 3 * MIB);
    assert.ok(
      Buffer.from(await again.read(1 * MIB, 64 * KIB, NEVER)).equals(bytes.subarray(MIB, MIB + 64 * KIB)),
    );
    assert.equal(bench.requests.length, requests);
    again.close();
  });

  it('takes over a file that was written here', async () => {
    const file = join(bench.cacheDir, 'payload');
    writeFileSync(file, 'written here');
    await bench.cache.adopt('i', 'v7', file, 12);
    assert.throws(() => readFileSync(file), { code: 'ENOENT' });
    assert.ok(bench.cache.isComplete('i', 'v7'));
    const content = bench.cache.open('i', 'v7', 12);
    assert.equal(Buffer.from(await content.read(0, 100, NEVER)).toString(), 'written here');
    bench.cache.renameVersion('i', 'v7', 'v8');
    assert.equal(content.version, 'v8');
    assert.ok(bench.cache.isComplete('i', 'v8'));
    assert.equal(bench.requests.length, 0);
    content.close();
  });

  it('takes what it asked for when only the version changed meanwhile', async () => {
    const bytes = serve('k', 3 * MIB);
    const content = bench.cache.open('k', 'v1', 3 * MIB);
    bench.beforeAnswer = () => bench.cache.renameVersion('k', 'v1', 'v2');
    assert.ok(Buffer.from(await content.read(0, 64 * KIB, NEVER)).equals(bytes.subarray(0, 64 * KIB)));
    assert.equal(content.version, 'v2');
    content.close();
  });

  it('lets a waiter leave', async () => {
    serve('j', 10 * MIB);
    bench.beforeAnswer = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const content = bench.cache.open('j', 'v1', 10 * MIB);
    const controller = new AbortController();
    const reading = content.read(0, 64 * KIB, controller.signal);
    controller.abort(new Error('interrupted'));
    await assert.rejects(async () => reading, /interrupted/);
    content.close();
    assert.ok(bench.requests.every((request) => request.signal.aborted));
  });
});
