/**
 * Random readers of a few contents, with a room that is too small, faults, new versions, restarts, and files handed
 * over: every read gives the bytes of the version that was opened, or says why not.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { CachedContent } from '../../src/cache/index.js';
import { DriveError } from '../../src/drive/index.js';
import { punchHole } from '../../src/fuse/index.js';
import { type ContentBench, NEVER, openContentBench, pattern } from '../support/cache-content.js';
import { Dice } from '../support/cache-random.js';

const KIB = 1024;
const STEPS = 150;
const ITEMS = ['a', 'b', 'c', 'd', 'e'];
const SIZES = [0, 1, 4 * KIB, 100 * KIB, 256 * KIB, 257 * KIB, 700 * KIB, 1500 * KIB];

interface Opened {
  readonly content: CachedContent;
  readonly item: string;
  bytes: Uint8Array;
}

class Run {
  readonly #bench: ContentBench;
  readonly #dice: Dice;
  #opened: Opened[] = [];
  #versions = 0;
  #faults = 0;

  constructor(bench: ContentBench, seed: number) {
    this.#bench = bench;
    this.#dice = new Dice(seed);
    for (const item of ITEMS) this.#serve(item);
    const fail = () => {
      if (this.#faults === 0 || this.#dice.roll(3) > 0) return;
      this.#faults -= 1;
      throw new DriveError('unreachable', 'a fault of the test');
    };
    bench.beforeAnswer = fail;
    bench.beforeChunk = fail;
  }

  #serve(item: string): void {
    this.#versions += 1;
    const size = this.#dice.pick(SIZES)!;
    this.#bench.served.set(item, { version: `v${this.#versions}`, bytes: pattern(size, this.#versions) });
  }

  async step(): Promise<void> {
    const { cache, clock } = this.#bench;
    const item = this.#dice.pick(ITEMS)!;
    const { version, bytes } = this.#bench.served.get(item)!;
    const action = this.#dice.roll(16);
    if (action < 3) this.#open(item);
    else if (action < 9) await this.#read();
    else if (action === 9) this.#close();
    else if (action === 10) cache.prefetch(item, version, bytes.length);
    else if (action === 11) cache.setPinned(item, this.#dice.roll(3) === 0);
    else if (action === 12) this.#faults = this.#dice.roll(6);
    else if (action === 13) this.#serve(item);
    else if (action === 14) await this.#handOver(item);
    else await this.#dice.pick([() => this.#restart(), () => cache.evict(item), () => cache.forget(item)])!();
    clock.advance(this.#dice.roll(3_000));
    await this.#bench.idle(this.#dice.roll(4));
  }

  #open(item: string): void {
    const { version, bytes } = this.#bench.served.get(item)!;
    const wrong =
      this.#dice.roll(4) === 0 && bytes.length > 0 ? bytes.length + this.#dice.roll(100) : bytes.length;
    this.#opened.push({ content: this.#bench.cache.open(item, version, wrong), item, bytes });
  }

  async #read(): Promise<void> {
    const opened = this.#dice.pick(this.#opened);
    if (opened === undefined) return;
    const { content, bytes } = opened;
    let offset = this.#dice.roll(bytes.length + 1);
    for (let run = this.#dice.roll(6); run >= 0; run -= 1) {
      const length = 1 + this.#dice.roll(200 * KIB);
      try {
        const read = await content.read(offset, length, NEVER);
        const expected = bytes.subarray(offset, offset + length);
        // Only the end of a content may be learned late.
        assert.ok(
          Buffer.from(read).equals(expected.subarray(0, read.length)),
          `${content.item} at ${offset}`,
        );
        if (content.complete) assert.equal(read.length, expected.length);
        offset += read.length;
      } catch (error) {
        if (!(error instanceof DriveError)) throw error;
        assert.ok(error.kind === 'unreachable' || error.kind === 'changed', error.kind);
        return;
      }
    }
  }

  #close(): void {
    const opened = this.#dice.pick(this.#opened);
    if (opened === undefined) return;
    this.#opened = this.#opened.filter((one) => one !== opened);
    opened.content.close();
  }

  /** Something was written here and is on the server now. */
  async #handOver(item: string): Promise<void> {
    const { cacheDir, cache, served } = this.#bench;
    this.#serve(item);
    const { version, bytes } = served.get(item)!;
    const file = join(cacheDir, `payload ${version}`);
    writeFileSync(file, bytes);
    await cache.adopt(item, version, file, bytes.length);
    if (this.#dice.roll(2) === 0) return;
    this.#versions += 1;
    served.set(item, { version: `v${this.#versions}`, bytes });
    cache.renameVersion(item, version, `v${this.#versions}`);
  }

  async #restart(): Promise<void> {
    for (const { content } of this.#opened.splice(0)) content.close();
    await this.#bench.restart();
  }

  async finish(): Promise<void> {
    this.#faults = 0;
    for (const { content } of this.#opened.splice(0)) content.close();
    for (const item of ITEMS) {
      const { version, bytes } = this.#bench.served.get(item)!;
      const content = this.#bench.cache.open(item, version, bytes.length);
      for (let at = 0; at < bytes.length; at += 64 * KIB) {
        const read = await content.read(at, 64 * KIB, NEVER);
        assert.ok(Buffer.from(read).equals(bytes.subarray(at, at + 64 * KIB)));
      }
      content.close();
    }
  }
}

async function play(seed: number, inParts: boolean): Promise<void> {
  const bench = await openContentBench({
    ...(inParts && { punchHole }),
    limitBytes: 2048 * KIB,
    limits: { spareFiles: 3, requestBytes: 256 * KIB, readAheadBytes: 512 * KIB },
  });
  try {
    const run = new Run(bench, seed);
    for (let step = 0; step < STEPS; step += 1) await run.step();
    await run.finish();
    assert.deepEqual(bench.complaints, []);
  } finally {
    await bench.close();
  }
}

const SEEDS = Number(process.env.ODBFS_MODEL_SEEDS ?? 8);
const FIRST = Number(process.env.ODBFS_MODEL_FIRST ?? 1);

describe('the content cache, against random readers', () => {
  for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1) {
    it(`seed ${seed}`, () => play(seed, false));
    it(`seed ${seed}, on a disk that takes parts of files back`, () => play(seed, true));
  }
});
