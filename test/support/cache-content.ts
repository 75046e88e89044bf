/** A content cache over contents that the test holds, with every request for bytes in its hand. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type ByteRange, createLog, Metrics } from '../../src/base/index.js';
import { type ContentCacheOptions, type OpenContentCache, openContentCache } from '../../src/cache/index.js';
import { type ContentStream, DriveError, type Lane } from '../../src/drive/index.js';
import { FakeClock } from './fake-clock.js';

export interface ContentRequest {
  readonly item: string;
  readonly range: ByteRange | null;
  readonly lane: Lane;
  readonly signal: AbortSignal;
}

export interface ServedContent {
  version: string;
  bytes: Uint8Array;
}

export interface ContentBench {
  readonly clock: FakeClock;
  readonly metrics: Metrics;
  readonly cacheDir: string;
  readonly complaints: string[];
  /** What the server has. */
  readonly served: Map<string, ServedContent>;
  readonly requests: ContentRequest[];
  /** Runs before an answer; may wait or throw. */
  beforeAnswer: (request: ContentRequest) => Promise<void> | void;
  /** Runs before each chunk of a body; may wait or throw. */
  beforeChunk: (request: ContentRequest, offset: number) => Promise<void> | void;
  tellsSize: boolean;
  chunkBytes: number;
  cache: OpenContentCache;
  open(): Promise<void>;
  restart(): Promise<void>;
  /** Lets everything that can go on without the clock go on, for a number of turns of the loop and of disk work. */
  idle(turns?: number): Promise<void>;
  until(condition: () => boolean): Promise<void>;
  close(): Promise<void>;
}

export const NEVER = new AbortController().signal;

export async function openContentBench(options: Partial<ContentCacheOptions> = {}): Promise<ContentBench> {
  const clock = new FakeClock();
  const metrics = new Metrics();
  const cacheDir = mkdtempSync(join(tmpdir(), 'odbfs-content-'));
  const complaints: string[] = [];
  const log = createLog('warn', { write: (line) => complaints.push(line) });
  const open = () =>
    openContentCache({
      cacheDir,
      limitBytes: 1 << 30,
      floorBytes: 0,
      clock,
      log,
      metrics,
      fetch: (item, version, range, lane, signal) => answer(bench, { item, range, lane, signal }, version),
      ...options,
    });
  const bench: ContentBench = {
    clock,
    metrics,
    cacheDir,
    complaints,
    served: new Map(),
    requests: [],
    beforeAnswer: () => {},
    beforeChunk: () => {},
    tellsSize: true,
    chunkBytes: 64 * 1024,
    cache: undefined as unknown as OpenContentCache,
    open: async () => {
      bench.cache = await open();
    },
    restart: async () => {
      await bench.cache.close();
      await bench.open();
    },
    idle: async (turns = 20) => {
      for (let turn = 0; turn < turns; turn += 1) {
        await stat(cacheDir);
        await nextTurn();
      }
    },
    until: async (condition) => {
      for (let turn = 0; turn < 5_000 && !condition(); turn += 1) await bench.idle(1);
      assert.ok(condition());
    },
    close: async () => {
      await bench.cache.close();
      rmSync(cacheDir, { recursive: true, force: true });
    },
  };
  await bench.open();
  return bench;
}

async function answer(bench: ContentBench, request: ContentRequest, version: string): Promise<ContentStream> {
  bench.requests.push(request);
  await bench.beforeAnswer(request);
  await nextTurn();
  request.signal.throwIfAborted();
  const content = bench.served.get(request.item);
  if (content === undefined) throw new DriveError('absent', 'gone');
  if (content.version !== version) throw new DriveError('changed', 'another version');
  const offset = Math.min(request.range?.offset ?? 0, content.bytes.length);
  const end = Math.min(content.bytes.length, offset + (request.range?.length ?? Number.POSITIVE_INFINITY));
  const totalSize = bench.tellsSize ? content.bytes.length : null;
  return {
    version,
    totalSize,
    offset,
    body: body(bench, request, content.bytes.subarray(offset, end), offset),
  };
}

async function* body(bench: ContentBench, request: ContentRequest, bytes: Uint8Array, offset: number) {
  for (let at = 0; at < bytes.length; at += bench.chunkBytes) {
    await bench.beforeChunk(request, offset + at);
    await nextTurn();
    request.signal.throwIfAborted();
    yield bytes.slice(at, at + bench.chunkBytes);
  }
}

/** Bytes of which every stretch differs from every other. */
export function pattern(length: number, seed = 1): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let at = 0, state = seed; at < words.length; at += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    words[at] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}
