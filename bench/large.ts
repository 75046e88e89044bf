/**
 * How much memory a large file costs: written through the mount, uploaded in chunks, compared on the server, and read
 * back from its start with a small cache. Heap and resident memory of the daemon are sampled ten times a second. Usage:
 *
 *     npm run bench -- large [--gib 20] [--read-gib 4] [--cache 256M] [--rtt 0]
 *
 * Needs as much disk as the file is large, once: the stand-in receives zeros as holes.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HeapSamples } from './support/heap-sampler.js';
import { odbfsWith } from './support/odbfs-peer.js';
import { optionsOrExit } from './support/options.js';
import { shell, until } from './support/processes.js';
import { StandinClient } from './support/standin-client.js';

const MIB = 1024 * 1024;
/** A piece of its own in every so many bytes tells where in the file one is. */
const MARK_EVERY = 16 * MIB;
const LIMIT_MS = 1_800_000;

const values = optionsOrExit('bench -- large', { gib: 20, 'read-gib': 4, cache: '256M', rtt: 0 });
const size = Math.round(values.gib * 1024) * MIB;
const readBytes = Math.min(size, Math.round(values['read-gib'] * 1024) * MIB);
const directory = mkdtempSync(join(tmpdir(), 'odbfs-large-'));
const mountpoint = join(directory, 'mnt');
mkdirSync(mountpoint);
process.env.NODE_OPTIONS = `--import ${fileURLToPath(new URL('./support/heap-sampler.js', import.meta.url))}`;
process.env.ODBFS_HEAP_SAMPLES = join(directory, 'heap-%p');
const server = await StandinClient.start({ latencyMs: values.rtt });
try {
  await measure();
} finally {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  const path = join(mountpoint, 'large.bin');
  await mounted(async (sampled) => {
    await step('written', () => writeLarge(path), sampled);
    await step('on the server', arrived, sampled);
  });
  const [there] = await server.tree(true);
  if (there?.sha256 !== expectedSha256()) throw new Error('the server has other bytes');
  print('the server has the very bytes');
  // mounted anew, so that the kernel remembers nothing of what was written
  await mounted((sampled) => step(`${readBytes / MIB} MiB read back`, () => readBack(path), sampled));
}

async function mounted(work: (sampled: Sampled) => Promise<void>): Promise<void> {
  const peer = odbfsWith({ options: ['-o', `cache_size=${values.cache}`] });
  const { pid, unmount } = await peer.mount(server, mountpoint, join(directory, 'state'));
  const samples = () => JSON.parse(readFileSync(join(directory, `heap-${pid}`), 'utf8')) as HeapSamples;
  try {
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const idle = samples().now;
    print(`idle: ${figures(idle, idle)}`);
    await work({ samples, idle });
  } finally {
    await unmount().catch(() => shell(`umount -l '${mountpoint}' || true`));
  }
}

interface Sampled {
  readonly samples: () => HeapSamples;
  readonly idle: NodeJS.MemoryUsage;
}

async function step(name: string, work: () => Promise<void>, { samples, idle }: Sampled): Promise<void> {
  const start = performance.now();
  await work();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const { now, highest } = samples();
  print(`${name}: ${seconds} s; highest so far ${figures(highest, idle)}; now ${figures(now, idle)}`);
}

function figures(memory: NodeJS.MemoryUsage, idle: NodeJS.MemoryUsage): string {
  const of = (name: keyof NodeJS.MemoryUsage) =>
    `${name} ${Math.round(memory[name] / MIB)} (+${Math.round((memory[name] - idle[name]) / MIB)})`;
  return `${of('rss')}, ${of('heapUsed')}, ${of('external')} MiB`;
}

/** From a process that is not the mount's. */
async function writeLarge(path: string): Promise<void> {
  const file = openSync(path, 'w');
  try {
    for (const piece of pieces()) {
      writeSync(file, piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    closeSync(file);
  }
}

async function readBack(path: string): Promise<void> {
  const file = openSync(path, 'r');
  const buffer = Buffer.alloc(MIB);
  try {
    let at = 0;
    for (const piece of pieces()) {
      if (at >= readBytes) return;
      const bytes = readSync(file, buffer, 0, MIB, at);
      if (bytes !== MIB || piece.compare(buffer) !== 0) throw new Error(`other bytes at ${at}`);
      at += MIB;
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    closeSync(file);
  }
}

function* pieces(): Generator<Buffer> {
  const zeros = Buffer.alloc(MIB);
  const marked = Buffer.alloc(MIB);
  for (let at = 0; at < size; at += MIB) {
    if (at % MARK_EVERY !== 0) yield zeros;
    else {
      marked.fill(`${at} `);
      yield marked;
    }
  }
}

function expectedSha256(): string {
  const hash = createHash('sha256');
  for (const piece of pieces()) hash.update(piece);
  return hash.digest('hex');
}

function arrived(): Promise<void> {
  const isThere = async () => {
    const [only] = await server.tree();
    return only?.path.endsWith('large.bin') === true && only.size === size;
  };
  return until(isThere, LIMIT_MS, 'the file on the server');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
