/**
 * Walks over a known tree beside the same walks on a local ext4 and on a FUSE server in C that has its tree in memory,
 * alternating; requests and the longest stall of the daemon's event loop with them, and which of the aims were met. Usage:
 *
 *     npm run bench -- walks [--folders 1000] [--files 100] [--flat 100000] [--rounds 5] [--only TEXT]
 *
 * `restarted`: the daemon and the mount are new, the tree is known from before. `anew`: the local disk was mounted
 * anew. `C anew`: the kernel had forgotten all that the C server told it. `again`, `local`, `C again`: the medians of what
 * follows. Needs root, for a loop device in the temporary directory (TMPDIR).
 *
 * The aims are for 10,000 files: `--folders 1000 --files 10 --flat 10000` and `--folders 100 --files 100 --flat 10000`.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { optionsOrExit } from './support/options.js';
import { shell } from './support/processes.js';
import { StandinClient } from './support/standin-client.js';
import { WatchedDaemon } from './support/watched-daemon.js';
import { barRows, type WalkFigures } from './walks/bars.js';
import { FuseReference } from './walks/fuse-reference.js';
import { LocalDisk } from './walks/local-disk.js';
import { FLAT, itemsIn, type Shape, seed } from './walks/trees.js';

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

const { folders, files, flat, rounds, only } = optionsOrExit('bench -- walks', {
  folders: 1000,
  files: 100,
  flat: 100_000,
  rounds: 5,
  only: '',
});
const shape: Shape = { folders, filesPerFolder: files, flat };

const directory = mkdtempSync(join(tmpdir(), 'odbfs-bench-walks-'));
const mountpoint = join(directory, 'mnt');
const state = join(directory, 'state');
mkdirSync(mountpoint);
const server = await StandinClient.start({ latencyMs: LATENCY_MS });
let daemon: WatchedDaemon | null = null;
let local: LocalDisk | null = null;
let reference: FuseReference | null = null;
try {
  local = await LocalDisk.make(directory, shape);
  reference = await FuseReference.make(directory, shape);
  await seed(server, shape);
  daemon = await mountAnew();
  console.log(`${itemsIn(shape)} items, ${rounds} rounds`);
  console.log(
    '| walk | anew ms | local ms | C anew ms | C again ms | restarted ms | x anew | x local | x C | again ms | x local | x C | requests | stall ms | idle process ms |',
  );
  console.log(`|---${'|---:'.repeat(14)}|`);
  const bars: string[] = [];
  for (const walk of WALKS.filter(({ name }) => name.includes(only))) {
    const figures = await measured(walk, local);
    console.log(row(figures));
    bars.push(...barRows(figures));
  }
  console.log('\n| walk | aim | asked | is | |\n|---|---|---:|---:|---|');
  console.log(bars.join('\n'));
  console.log(`resident ${daemon.mounted.residentMiB()} MiB`);
} finally {
  await daemon?.mounted.unmount().catch(() => shell(`umount -l '${mountpoint}' || true`));
  await local?.remove();
  await reference?.remove();
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
}

async function mountAnew(): Promise<WatchedDaemon> {
  const mounted = await WatchedDaemon.mount(server, mountpoint, state);
  await mounted.known(itemsIn(shape), SNAPSHOT_LIMIT_MS);
  return mounted;
}

async function measured({ name, script }: (typeof WALKS)[number], disk: LocalDisk): Promise<WalkFigures> {
  await daemon?.mounted.unmount();
  await reference?.forget();
  daemon = await mountAnew();
  await disk.mountAnew();
  const localAnewMs = await timed(disk.folder, script);
  const onDisk: number[] = [];
  const inC: number[] = [];
  const runs: { ms: number; stallMs: number; idleMs: number }[] = [];
  await server.clearLog();
  for (let round = 0; round <= rounds; round += 1) {
    onDisk.push(await timed(disk.folder, script));
    if (reference !== null) inC.push(await timed(reference.folder, script));
    const { result, longestStallMs, bystanderStallMs } = await daemon.during(() => timed(mountpoint, script));
    runs.push({ ms: result, stallMs: longestStallMs, idleMs: bystanderStallMs });
  }
  return {
    name,
    localAnewMs,
    localMs: median(onDisk),
    fuseAnewMs: inC[0] ?? Number.NaN,
    fuseAgainMs: median(inC.slice(1)),
    restartedMs: runs[0]!.ms,
    againMs: median(runs.slice(1).map(({ ms }) => ms)),
    requests: await requestsOfWalks(),
    stallMs: Math.max(...runs.map(({ stallMs }) => stallMs)),
    idleMs: Math.max(...runs.map(({ idleMs }) => idleMs)),
  };
}

/** Changes are asked for every so often whether somebody walks or not. */
async function requestsOfWalks(): Promise<number> {
  const { total, byOperation } = await server.counts();
  const polls = ['POST GetChanges', 'POST GetListItemChangesSinceToken'];
  return polls.reduce((left, poll) => left - (byOperation[poll] ?? 0), total);
}

function row(walk: WalkFigures): string {
  const { name, localAnewMs, localMs, fuseAnewMs, fuseAgainMs, restartedMs, againMs } = walk;
  const beside = [localAnewMs, localMs, fuseAnewMs, fuseAgainMs];
  const restarted = [restartedMs, restartedMs / localAnewMs, restartedMs / localMs, restartedMs / fuseAnewMs];
  const again = [againMs, againMs / localMs, againMs / fuseAgainMs];
  const figures = [...beside, ...restarted, ...again].map((value) =>
    Number.isNaN(value) ? '' : value.toFixed(1),
  );
  return `| ${[name, ...figures, walk.requests, walk.stallMs.toFixed(1), walk.idleMs.toFixed(1)].join(' | ')} |`;
}

async function timed(folder: string, script: string): Promise<number> {
  const start = performance.now();
  await shell(`cd '${folder}'; set +o pipefail; ${script}`);
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN;
}
