import assert from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { DriveError } from '../../../src/drive/index.js';
import { type ContentBench, NEVER, openContentBench, pattern } from '../../support/cache-content.js';

const KIB = 1024;
const MIB = 1024 * KIB;

describe('the content cache in a small room', () => {
  let bench: ContentBench;

  const serve = (item: string, size: number, version = 'v1') => {
    const bytes = pattern(size, item.length * 31 + item.charCodeAt(0));
    bench.served.set(item, { version, bytes });
    return bytes;
  };

  const keep = async (item: string, size: number) => {
    serve(item, size);
    const content = bench.cache.open(item, 'v1', size);
    await content.fill(NEVER);
    content.close();
    bench.clock.advance(1_000);
    await bench.idle();
  };

  afterEach(async () => {
    await bench.close();
    assert.deepEqual(bench.complaints, []);
  });

  it('lets go of what was used least recently, and keeps what is pinned or in use', async () => {
    bench = await openContentBench({ limitBytes: 4 * MIB });
    await keep('pinned', 1 * MIB);
    bench.cache.setPinned('pinned', true);
    await keep('old', 1 * MIB);
    await keep('young', 1 * MIB);
    const used = bench.cache.open('old', 'v1', 1 * MIB);
    await keep('next', 1 * MIB);
    await keep('more', 1 * MIB);
    await bench.idle();
    assert.ok(bench.cache.statistics.bytes <= 4 * MIB);
    assert.equal(bench.cache.isComplete('young', 'v1'), false);
    for (const item of ['pinned', 'old', 'more']) assert.ok(bench.cache.isComplete(item, 'v1'), item);
    used.close();
  });

  it('lets go of a whole content that is larger than the room as soon as nobody uses it', async () => {
    bench = await openContentBench({ limitBytes: 4 * MIB });
    const file = join(bench.cacheDir, 'written');
    writeFileSync(file, serve('huge', 8 * MIB));
    const content = await bench.cache.adoptOpen('huge', 'v1', file, 8 * MIB);
    await bench.idle();
    assert.equal(bench.cache.statistics.bytes, 8 * MIB, 'it may be read behind our back');
    content.close();
    await bench.until(() => bench.cache.statistics.bytes <= 4 * MIB);
  });

  it('reads a file that is larger than the room, within the room', async () => {
    bench = await openContentBench({ limitBytes: 2 * MIB, limits: { readAheadBytes: 512 * KIB } });
    const bytes = serve('huge', 12 * MIB);
    const content = bench.cache.open('huge', 'v1', 12 * MIB);
    for (let offset = 0; offset < 12 * MIB; offset += 128 * KIB) {
      const read = await content.read(offset, 128 * KIB, NEVER);
      assert.ok(Buffer.from(read).equals(bytes.subarray(offset, offset + 128 * KIB)), `at ${offset}`);
      await bench.idle(3);
    }
    assert.ok(bench.cache.statistics.bytes <= 3 * MIB, `${bench.cache.statistics.bytes} bytes`);
    content.close();
  });

  it('leaves the disk its floor, and makes room for others', async () => {
    let free = 10 * MIB;
    bench = await openContentBench({ floorBytes: 4 * MIB, freeBytes: async () => free });
    await keep('a', 1 * MIB);
    await keep('b', 1 * MIB);
    free = 3 * MIB;
    assert.equal(await bench.cache.makeRoom(2 * MIB), true);
    assert.ok(bench.cache.isComplete('a', 'v1'));
    assert.equal(await bench.cache.makeRoom(4 * MIB), false, 'evicting changes nothing on this disk');
    assert.equal(bench.cache.isComplete('a', 'v1'), false);
  });

  it('hands bytes through when nothing can be let go', async () => {
    bench = await openContentBench({ floorBytes: 4 * MIB, freeBytes: async () => 0 });
    const bytes = serve('a', 1 * MIB);
    const content = bench.cache.open('a', 'v1', 1 * MIB);
    for (let offset = 0; offset < MIB; offset += 100 * KIB) {
      const read = await content.read(offset, 100 * KIB, NEVER);
      assert.ok(Buffer.from(read).equals(bytes.subarray(offset, offset + 100 * KIB)));
      await bench.idle(3);
    }
    content.close();
  });

  it('fetches what is pinned, also after a restart, and keeps the new version only', async () => {
    const current = new Map<string, { version: string; size: number }>();
    bench = await openContentBench({ currentOf: (item) => current.get(item) });
    serve('a', 3 * MIB);
    current.set('a', { version: 'v1', size: 3 * MIB });
    bench.cache.setPinned('a', true);
    await bench.until(() => bench.cache.isComplete('a', 'v1'));
    assert.ok(bench.requests.every((request) => request.lane === 'bulk'));
    serve('a', 1 * MIB, 'v2');
    current.set('a', { version: 'v2', size: 1 * MIB });
    await bench.restart();
    bench.cache.resumePins();
    await bench.until(() => bench.cache.isComplete('a', 'v2'));
    assert.equal(bench.cache.isComplete('a', 'v1'), false);
    assert.equal(bench.cache.bytesOf('a'), 1 * MIB);
  });

  it('tries again what is pinned and could not be had, or was not known yet', async () => {
    const current = new Map<string, { version: string; size: number }>();
    bench = await openContentBench({ currentOf: (item) => current.get(item) });
    serve('a', 3 * MIB);
    serve('b', 3 * MIB);
    current.set('a', { version: 'v1', size: 3 * MIB });
    let asked = 0;
    bench.beforeAnswer = () => {
      asked += 1;
      throw new DriveError('unreachable', 'no network');
    };
    bench.cache.setPinned('a', true);
    bench.cache.setPinned('b', true);
    await bench.until(() => asked > 0);
    await bench.idle();
    bench.beforeAnswer = () => {};
    current.set('b', { version: 'v1', size: 3 * MIB });
    await bench.idle();
    assert.equal(bench.cache.isComplete('a', 'v1'), false);
    bench.clock.advance(60_000);
    await bench.until(() => bench.cache.isComplete('a', 'v1') && bench.cache.isComplete('b', 'v1'));
  });

  it('asks ever more seldom for what is pinned and never to be had, and soon again when there is news', async () => {
    bench = await openContentBench({ currentOf: () => ({ version: 'v1', size: 3 * MIB }) });
    let asked = 0;
    bench.beforeAnswer = () => {
      asked += 1;
      throw new DriveError('denied', 'not yours');
    };
    bench.cache.setPinned('a', true);
    for (let minute = 0; minute < 24 * 60; minute += 1) {
      await bench.idle(2);
      bench.clock.advance(60_000);
    }
    await bench.idle();
    assert.ok(asked > 20 && asked < 35, `${asked} times in a day`);
    const before = asked;
    bench.cache.resumePins();
    await bench.until(() => asked === before + 1);
    await bench.idle();
    bench.clock.advance(60_000);
    await bench.until(() => asked === before + 2);
  });

  it('fetches the new version of what is pinned, though the old one is still on its way', async () => {
    const current = new Map<string, { version: string; size: number }>();
    bench = await openContentBench({ currentOf: (item) => current.get(item) });
    serve('a', 3 * MIB);
    current.set('a', { version: 'v1', size: 3 * MIB });
    let release = () => {};
    bench.beforeAnswer = () => new Promise<void>((resolve) => (release = resolve));
    bench.cache.setPinned('a', true);
    await bench.until(() => bench.requests.length > 0);
    bench.beforeAnswer = () => {};
    serve('a', 2 * MIB, 'v2');
    current.set('a', { version: 'v2', size: 2 * MIB });
    bench.cache.setPinned('a', true);
    release();
    await bench.until(() => bench.cache.isComplete('a', 'v2'));
  });

  it('forgets, and uses the files again', async () => {
    bench = await openContentBench();
    await keep('a', 100 * KIB);
    const opened = bench.cache.open('a', 'v1', 100 * KIB);
    bench.cache.forget('a');
    assert.equal((await opened.read(0, 10, NEVER)).length, 10);
    opened.close();
    await bench.idle();
    assert.equal(bench.cache.bytesOf('a'), 0);
    assert.equal(bench.cache.statistics.bytes, 0);
    await keep('b', 10 * KIB);
    assert.ok(existsSync(join(bench.cacheDir, 'content', '0', '1')));
    assert.ok(!existsSync(join(bench.cacheDir, 'content', '0', '2')));
  });

  it('does not trust a record whose file was cut, nor a damaged database', async () => {
    bench = await openContentBench();
    await keep('a', 300 * KIB);
    await bench.cache.close();
    writeFileSync(join(bench.cacheDir, 'content', '0', '1'), 'short');
    await bench.open();
    const bytes = serve('a', 300 * KIB);
    const content = bench.cache.open('a', 'v1', 300 * KIB);
    assert.equal(content.complete, false);
    assert.ok(Buffer.from(await content.read(0, 300 * KIB, NEVER)).equals(bytes));
    content.close();
    await bench.cache.close();
    rmSync(join(bench.cacheDir, 'content.sqlite-wal'), { force: true });
    writeFileSync(join(bench.cacheDir, 'content.sqlite'), pattern(10_000));
    await bench.open();
    assert.equal(bench.cache.bytesOf('a'), 0);
  });

  it('fetches small files ahead, within a bound', async () => {
    bench = await openContentBench({ limits: { prefetchWaiting: 4, prefetchParallel: 2 } });
    let atOnce = 0;
    let most = 0;
    bench.beforeAnswer = async () => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await bench.idle(2);
      atOnce -= 1;
    };
    for (let file = 0; file < 20; file += 1) {
      serve(`file ${file}`, 8 * KIB);
      bench.cache.prefetch(`file ${file}`, 'v1', 8 * KIB);
    }
    await bench.until(() => bench.cache.isComplete('file 5', 'v1'));
    await bench.idle();
    assert.equal(bench.requests.length, 6);
    assert.equal(most, 2);
  });
});
