/**
 * Walks over a known tree beside the same walks on the local disk, alternating; requests and the longest stall of the
 * daemon's event loop with them. Usage:
 *
 *     npm run bench -- walks [--folders 1000] [--files 100] [--flat 100000] [--rounds 5] [--only TEXT]
 *
 * `restarted`: the daemon and the mount are new, the tree is known from before. `again`: the medians of what follows.
 * Put the temporary directory (TMPDIR) on the disk to compare with.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { shell } from './support/processes.js';
import { StandinClient } from './support/standin-client.js';
import { WatchedDaemon } from './support/watched-daemon.js';
import { FLAT, itemsIn, makeLocalCopy, type Shape, seed } from './walks/trees.js';

const WALKS: readonly { readonly name: string; readonly script: string }[] = [
  { name: 'find -type f', script: 'find tree -type f | wc -l' },
  { name: 'find -printf %s', script: "find tree -type f -printf '%s\\n' | wc -l" },
  { name: 'du -s', script: 'du -s --apparent-size tree' },
  { name: 'ls -lR', script: 'ls -lR tree | wc -l' },
  { name: 'ls -l of the large folder', script: `ls -l ${FLAT} | wc -l` },
  { name: 'ls -f of the large folder', script: `ls -f ${FLAT} | wc -l` },
  { name: 'find -printf in the large folder', script: `find ${FLAT} -printf '%s\\n' | wc -l` },
  { name: 'first entry of the large folder', script: `ls -f ${FLAT} | head -1` },
];
const LATENCY_MS = 60;
const SNAPSHOT_LIMIT_MS = 600_000;

const { values } = parseArgs({
  options: {
    folders: { type: 'string', default: '1000' },
    files: { type: 'string', default: '100' },
    flat: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
  },
});
const shape: Shape = {
  folders: Number(values.folders),
  filesPerFolder: Number(values.files),
  flat: Number(values.flat),
};
const rounds = Number(values.rounds);

const directory = mkdtempSync(join(tmpdir(), 'odbfs-bench-walks-'));
const mountpoint = join(directory, 'mnt');
const local = join(directory, 'local');
const state = join(directory, 'state');
mkdirSync(mountpoint);
const server = await StandinClient.start({ latencyMs: LATENCY_MS });
let daemon: WatchedDaemon | null = null;
try {
  makeLocalCopy(local, shape);
  await seed(server, shape);
  daemon = await mountAnew();
  console.log(`${itemsIn(shape)} items, ${rounds} rounds`);
  console.log(
    '| walk | local ms | restarted ms | x local | again ms | x local | requests | stall ms | idle process ms |',
  );
  console.log('|---|---:|---:|---:|---:|---:|---:|---:|---:|');
  for (const walk of WALKS.filter(({ name }) => name.includes(values.only))) console.log(await row(walk));
  console.log(`resident ${daemon.mounted.residentMiB()} MiB`);
} finally {
  await daemon?.mounted.unmount().catch(() => shell(`umount -l '${mountpoint}' || true`));
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
}

async function mountAnew(): Promise<WatchedDaemon> {
  const mounted = await WatchedDaemon.mount(server, mountpoint, state);
  await mounted.known(itemsIn(shape), SNAPSHOT_LIMIT_MS);
  return mounted;
}

async function row({ name, script }: (typeof WALKS)[number]): Promise<string> {
  await daemon?.mounted.unmount();
  daemon = await mountAnew();
  const onDisk: number[] = [];
  const runs: { ms: number; stallMs: number; idleMs: number }[] = [];
  await timed(local, script);
  await server.clearLog();
  for (let round = 0; round <= rounds; round += 1) {
    onDisk.push(await timed(local, script));
    const { result, longestStallMs, bystanderStallMs } = await daemon.during(() => timed(mountpoint, script));
    runs.push({ ms: result, stallMs: longestStallMs, idleMs: bystanderStallMs });
  }
  const requests = (await server.counts()).total;
  const disk = median(onDisk);
  const again = median(runs.slice(1).map(({ ms }) => ms));
  const first = runs[0]!.ms;
  const stall = Math.max(...runs.map(({ stallMs }) => stallMs));
  const idle = Math.max(...runs.map(({ idleMs }) => idleMs));
  const times = [disk, first, first / disk, again, again / disk].map((value) => value.toFixed(1));
  return `| ${[name, ...times, requests, stall.toFixed(1), idle.toFixed(1)].join(' | ')} |`;
}

async function timed(folder: string, script: string): Promise<number> {
  const start = performance.now();
  await shell(`cd '${folder}'; set +o pipefail; ${script}`);
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1]!;
}
