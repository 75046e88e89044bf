/**
 * What the content cache costs us, the server being free: `npm run bench -- content [--directory /tmp]`. Many small
 * files, the same again after all were forgotten (their files are used again), and one large file read in sequence.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Metrics, silentLog, systemClock } from '../src/base/index.js';
import { type ContentFetch, openContentCache } from '../src/cache/index.js';
import { optionsOrExit } from './support/options.js';

const { directory } = optionsOrExit('bench -- content', { directory: tmpdir() });
const SMALL_FILES = 10_000;
const SMALL_BYTES = 8 * 1024;
const LARGE_BYTES = 512 * 1024 * 1024;
const READ_BYTES = 128 * 1024;
const CHUNK = new Uint8Array(64 * 1024).fill(7);

const fetch: ContentFetch = async (item, version, range) => {
  const totalSize = item === 'large' ? LARGE_BYTES : SMALL_BYTES;
  const offset = range?.offset ?? 0;
  const length = Math.min(range?.length ?? totalSize, totalSize - offset);
  return { version, totalSize, offset, body: body(length) };
};

async function* body(length: number): AsyncIterable<Uint8Array> {
  for (let left = length; left > 0; left -= CHUNK.length)
    yield left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK;
}

async function measure(name: string, work: () => Promise<void>): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  delay.disable();
  console.log(
    `${name}: ${(performance.now() - start).toFixed(0)} ms, CPU ${((user + system) / 1000).toFixed(0)} ms,`,
    `longest stall ${(delay.max / 1e6).toFixed(0)} ms,`,
    `resident ${Math.round(process.memoryUsage.rss() / 1048576)} MB`,
  );
}

const signal = new AbortController().signal;
const cacheDir = mkdtempSync(join(directory, 'odbfs-bench-content-'));
const cache = await openContentCache({
  cacheDir,
  limitBytes: 4 * 2 ** 30,
  floorBytes: 0,
  fetch,
  clock: systemClock,
  log: silentLog,
  metrics: new Metrics(),
});

async function readSmallFiles(version: string): Promise<void> {
  for (let file = 0; file < SMALL_FILES; file += 1) {
    const content = cache.open(
      `00000000-0000-4000-8000-${String(file).padStart(12, '0')}`,
      version,
      SMALL_BYTES,
    );
    await content.read(0, SMALL_BYTES, signal);
    content.close();
  }
}

await measure(`${SMALL_FILES} small files, new`, () => readSmallFiles('v1'));
await measure(`${SMALL_FILES} small files, here`, () => readSmallFiles('v1'));
await measure(`${SMALL_FILES} small files, another version`, () => readSmallFiles('v2'));
await measure(`${LARGE_BYTES / 1048576} MiB in sequence`, async () => {
  const content = cache.open('large', 'v1', LARGE_BYTES);
  for (let at = 0; at < LARGE_BYTES; at += READ_BYTES) await content.read(at, READ_BYTES, signal);
  content.close();
});
await cache.close();
rmSync(cacheDir, { recursive: true, force: true });
