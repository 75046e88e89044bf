/**
 * Ours beside rclone and davfs2 on the stand-in, one piece of work after another, requests counted. Usage:
 *
 *     npm run bench -- peers [--rtt 60] [--peers odbfs,rclone,davfs2] [--only TEXT]
 *     npm run bench -- peers --only walk       # walks alone: cold, warm, and after a restart
 *
 * 12 MB/s per connection and 60 MB/s in all, as on a good line to the service. Needs root for davfs2.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bench, makeLocalMaterial, WORKLOADS, type Workload } from './peers/workloads.js';
import { davfs2 } from './support/davfs2-peer.js';
import { odbfs } from './support/odbfs-peer.js';
import { optionsOrExit } from './support/options.js';
import type { MountedPeer, Peer } from './support/peer.js';
import { hasProgram, shell, until } from './support/processes.js';
import { rclone } from './support/rclone-peer.js';
import { StandinClient } from './support/standin-client.js';

const PEERS: readonly (Peer & { readonly program?: string })[] = [
  odbfs,
  { ...rclone, program: 'rclone' },
  { ...davfs2, program: 'mount.davfs' },
];
/** `listFiles`: rclone without its own sign-in asks for files with Depth 1, and would upload for ever otherwise. */
const LINE = { listFiles: true, bytesPerSecond: 12_000_000, totalBytesPerSecond: 60_000_000 };
const ARRIVAL_LIMIT_MS = 300_000;
/** What rsync writes before it has its name, and git's locks. */
const UNDER_WAY = /(?:^|\/)\.[^/]+\.[A-Za-z0-9]{6}$|\.lock$/;

interface Result {
  readonly returnedSeconds: number;
  readonly arrivedSeconds: number | null;
  readonly requests: number;
  readonly megabytes: number;
  readonly warmSeconds: number | null;
  readonly warmRequests: number | null;
  readonly restartSeconds: number | null;
  readonly restartRequests: number | null;
  readonly residentMiB: number;
}

const values = optionsOrExit('bench -- peers', { rtt: 60, peers: 'odbfs,rclone,davfs2', only: '' });
const wanted = new Set(values.peers.split(','));
const local = mkdtempSync(join(tmpdir(), 'odbfs-bench-'));
makeLocalMaterial(local);
try {
  process.stdout.write(`round trip ${values.rtt} ms, 12 MB/s per connection, 60 MB/s in all\n\n`);
  process.stdout.write(
    '| work | peer | returned s | arrived s | requests | MB | again s | again requests | restarted s | restarted requests | RSS MiB |\n',
  );
  process.stdout.write('|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n');
  for (const workload of WORKLOADS.filter(({ name }) => name.includes(values.only))) {
    for (const peer of PEERS.filter(({ name }) => wanted.has(name))) await report(workload, peer);
  }
} finally {
  rmSync(local, { recursive: true, force: true });
}

async function report(workload: Workload, peer: Peer & { readonly program?: string }): Promise<void> {
  const head = `| ${workload.name} | ${peer.name} |`;
  if (peer.program !== undefined && !hasProgram(peer.program)) {
    process.stdout.write(`${head} not installed |\n`);
    return;
  }
  try {
    const result = await measure(workload, peer);
    const cells = [
      secondsText(result.returnedSeconds),
      secondsText(result.arrivedSeconds),
      result.requests,
      result.megabytes.toFixed(1),
      secondsText(result.warmSeconds),
      result.warmRequests ?? '',
      secondsText(result.restartSeconds),
      result.restartRequests ?? '',
      result.residentMiB,
    ];
    process.stdout.write(`${head} ${cells.join(' | ')} |\n`);
  } catch (error) {
    process.stdout.write(`${head} failed: ${String(error).split('\n')[0]} |\n`);
  }
}

/** What is short is told to the millisecond. */
function secondsText(seconds: number | null): string {
  if (seconds === null) return '';
  return seconds.toFixed(seconds < 1 ? 3 : 2);
}

/**
 * What a run left on the disk is removed at the end of all: where files were removed within the last minute, ext4 passes by
 * each of them when it makes a new one, and the next peer would pay for that.
 */
async function measure(workload: Workload, peer: Peer): Promise<Result> {
  const directory = mkdtempSync(join(local, 'run-'));
  const bench: Bench = { mount: join(directory, 'mnt'), local };
  mkdirSync(bench.mount);
  const server = await StandinClient.start({ ...LINE, latencyMs: values.rtt });
  let mounted: MountedPeer | null = null;
  try {
    if (workload.seed !== undefined) await server.command('seed', workload.seed);
    mounted = await peer.mount(server, bench.mount, join(directory, 'state'));
    await workload.prepare?.(bench);
    await server.clearLog();
    const result = await timed(workload, bench, server, mounted);
    if (!workload.afterRestart) return result;
    await mounted.unmount();
    mounted = await peer.mount(server, bench.mount, join(directory, 'state'));
    const { seconds, requests } = await again(workload, bench, server);
    return { ...result, restartSeconds: seconds, restartRequests: requests };
  } finally {
    await mounted?.unmount().catch(() => shell(`umount -l '${bench.mount}' || true`));
    await server.stop();
  }
}

async function timed(
  workload: Workload,
  bench: Bench,
  server: StandinClient,
  mounted: MountedPeer,
): Promise<Result> {
  const start = performance.now();
  const seconds = (since: number) => (performance.now() - since) / 1000;
  const counted = await workload.work(bench);
  const returnedSeconds = typeof counted === 'number' ? counted : seconds(start);
  let arrivedSeconds: number | null = null;
  if (workload.filesAfter !== undefined) {
    await until(() => hasArrived(server, workload), ARRIVAL_LIMIT_MS, 'all on the server');
    arrivedSeconds = seconds(start);
  }
  await quiet(server);
  const counts = await server.counts();
  const residentMiB = mounted.residentMiB();
  const warm = workload.again ? await again(workload, bench, server) : null;
  return {
    returnedSeconds,
    arrivedSeconds,
    requests: counts.total,
    megabytes: (counts.bytesIn + counts.bytesOut) / 1e6,
    warmSeconds: warm?.seconds ?? null,
    warmRequests: warm?.requests ?? null,
    restartSeconds: null,
    restartRequests: null,
    residentMiB,
  };
}

async function again(workload: Workload, bench: Bench, server: StandinClient) {
  await server.clearLog();
  const start = performance.now();
  await workload.work(bench);
  const seconds = (performance.now() - start) / 1000;
  await quiet(server);
  return { seconds, requests: (await server.counts()).total };
}

async function hasArrived(server: StandinClient, { filesAfter, bytesAfter = 0 }: Workload): Promise<boolean> {
  const files = (await server.tree()).filter((entry) => entry.kind === 'file');
  if (filesAfter === 0) return files.length === 0;
  if (files.reduce((sum, { size }) => sum + size, 0) < bytesAfter) return false;
  return files.length >= (filesAfter ?? 0) && !files.some((file) => UNDER_WAY.test(file.path));
}

/** Waits until two seconds went by without a request, so that what trails behind is counted too. */
async function quiet(server: StandinClient): Promise<void> {
  let before = -1;
  for (let total = (await server.counts()).total; total !== before; total = (await server.counts()).total) {
    before = total;
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}
