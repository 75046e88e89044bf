/**
 * Loaded into a process by `--import`: keeps the highest and the present memory figures in the file that
 * `ODBFS_HEAP_SAMPLES` names, with the process id in place of `%p`, for whoever measures from outside.
 */
import { renameSync, writeFileSync } from 'node:fs';

const EVERY_MS = 100;

export interface HeapSamples {
  readonly now: NodeJS.MemoryUsage;
  readonly highest: NodeJS.MemoryUsage;
}

const file = process.env.ODBFS_HEAP_SAMPLES?.replace('%p', String(process.pid));
let highest = process.memoryUsage();

function sample(path: string): void {
  const now = process.memoryUsage();
  const higher = (name: keyof NodeJS.MemoryUsage) => Math.max(now[name], highest[name]);
  highest = {
    rss: higher('rss'),
    heapTotal: higher('heapTotal'),
    heapUsed: higher('heapUsed'),
    external: higher('external'),
    arrayBuffers: higher('arrayBuffers'),
  };
  writeFileSync(`${path}.new`, JSON.stringify({ now, highest } satisfies HeapSamples));
  renameSync(`${path}.new`, path);
}

if (file !== undefined) setInterval(() => sample(file), EVERY_MS).unref();
