/**
 * Whether work for the network holds up what the kernel asks: stat, and open-read-close, of files that are here but not
 * in the kernel's memory, while the daemon is idle, while it hears of a great many new files, and while it uploads; and
 * what it would cost to answer from a thread of its own instead. Usage:
 *
 *     npm run bench -- isolation [--items 100000] [--uploads 10] [--mib 64]
 *
 * Needs root, to make the kernel forget.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureHandOver } from './isolation/hand-over.js';
import { odbfsWith } from './support/odbfs-peer.js';
import { optionsOrExit } from './support/options.js';
import { run, shell } from './support/processes.js';
import { StandinClient } from './support/standin-client.js';

const FILES = 1000;
const FILES_PER_FOLDER = 100;
const ROUNDS = 8;
const MIB = 1024 * 1024;
const CLIENT = fileURLToPath(new URL('./isolation/client.js', import.meta.url));

const values = optionsOrExit('bench -- isolation', { items: 100_000, uploads: 10, mib: 64 });
const directory = mkdtempSync(join(tmpdir(), 'odbfs-isolation-'));
const mountpoint = join(directory, 'mnt');
const probe = join(mountpoint, 'probe');
mkdirSync(mountpoint);
process.env.NODE_OPTIONS = `--import ${fileURLToPath(new URL('./support/loop-sampler.js', import.meta.url))}`;
process.env.ODBFS_LOOP_SAMPLES = join(directory, 'loop-%p');
const server = await StandinClient.start({});
try {
  await seed();
  await measure();
} finally {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
}
for (let round = 0; round < 3; round++) {
  const { clockMicroseconds, cpuMicroseconds } = await measureHandOver(20_000);
  print(
    `handed to the loop and back: ${clockMicroseconds.toFixed(1)} µs, CPU ${cpuMicroseconds.toFixed(1)} µs`,
  );
}

async function seed(): Promise<void> {
  const entries = Array.from({ length: FILES }, (_, number) => ({
    path: `probe/f${number}`,
    size: 1024,
    pattern: number,
  }));
  await server.command('seed', { entries });
}

async function seedMany(): Promise<void> {
  const folders = Math.ceil(values.items / FILES_PER_FOLDER);
  await server.command('seed', { fill: { folders, filesPerFolder: FILES_PER_FOLDER, size: 100 } });
}

async function measure(): Promise<void> {
  const peer = odbfsWith({ options: ['-o', 'poll=1'] });
  const { pid, unmount } = await peer.mount(server, mountpoint, join(directory, 'state'));
  try {
    await shell(`cat '${probe}'/* > /dev/null`);
    await phase(pid, 'idle', rounds(ROUNDS));
    const added = seedMany();
    await phase(pid, `while ${values.items} files come on the server, and into our list`, rounds(ROUNDS));
    await added;
    const script = `for n in $(seq ${values.uploads}); do head -c ${values.mib}M /dev/urandom > '${mountpoint}'/up$n; done`;
    await shell(script);
    await phase(pid, `while ${values.uploads} files of ${values.mib} MiB are uploaded`, whileUploading());
    await phase(pid, 'idle again', rounds(ROUNDS));
  } finally {
    await unmount().catch(() => shell(`umount -l '${mountpoint}' || true`));
  }
}

type GoesOn = () => Promise<boolean>;

function rounds(count: number): GoesOn {
  let left = count;
  return async () => left-- > 0;
}

/** As long as the server is sent more than questions. */
function whileUploading(): GoesOn {
  let before = Number.NEGATIVE_INFINITY;
  return async () => {
    const { bytesIn } = await server.counts();
    const isBusy = bytesIn - before > MIB;
    before = bytesIn;
    return isBusy;
  };
}

async function phase(pid: number, name: string, goesOn: GoesOn): Promise<void> {
  const startedMs = Date.now();
  const times = { stat: [] as number[], open: [] as number[] };
  let count = 0;
  for (; await goesOn(); count++) {
    const round = JSON.parse(await run(process.execPath, [CLIENT, probe])) as typeof times;
    times.stat.push(...round.stat);
    times.open.push(...round.open);
  }
  print(`${name} (${count} rounds, ${((Date.now() - startedMs) / 1000).toFixed(1)} s):`);
  for (const [what, all] of Object.entries(times)) print(`  ${what}: ${figures(all)}`);
  print(`  the loop was late by ${longestStallMs(pid, startedMs).toFixed(1)} ms at most`);
}

function figures(times: readonly number[]): string {
  const sorted = [...times].sort((one, other) => one - other);
  const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(0);
  const total = sorted.reduce((sum, time) => sum + time, 0);
  const perSecond = total === 0 ? 0 : (sorted.length * 1e6) / total;
  return `${perSecond.toFixed(0)}/s, median ${at(0.5)} µs, 99 % within ${at(0.99)}, all within ${at(1)}`;
}

function longestStallMs(pid: number, sinceMs: number): number {
  const lines = readFileSync(join(directory, `loop-${pid}`), 'utf8')
    .trim()
    .split('\n');
  const samples = lines.map((line) => line.split(' ').map(Number));
  return Math.max(...samples.filter(([atMs = 0]) => atMs >= sinceMs).map(([, lateMs = 0]) => lateMs));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
