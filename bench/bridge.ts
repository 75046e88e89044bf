/**
 * The bridge against a C server on libfuse3 with the same in-memory file system, and against `fuse-native`: alternating,
 * pinned to one CPU and with eight clients in default placement. Prints medians and their ratios to the C server.
 *
 *   node dist/bench/bridge.js [--rounds N] [--quick] [--systems reference,native,native-served,fuse-native]
 *
 * Needs root, gcc, libfuse3-dev and taskset. Backing files are on /dev/shm, so that the disk is not measured.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BridgeSystem, type Server, SYSTEMS, startServer } from './bridge/servers.js';

const SOURCES = join(import.meta.dirname, '..', '..', 'bench', 'bridge');
const words = process.argv.slice(2);
const value = (name: string) => words[words.indexOf(name) + 1];
const rounds = words.includes('--rounds') ? Number(value('--rounds')) : 3;
const scale = words.includes('--quick') ? 0.2 : 1;
const systems = words.includes('--systems')
  ? (value('--systems') ?? '').split(',')
  : ['reference', 'native', 'fuse-native'];

interface Phase {
  readonly name: string;
  readonly phase: string;
  readonly count: number;
  readonly clients: number;
  readonly unit: string;
}

const METADATA = (clients: number): Phase[] => [
  { name: 'create+1K+close', phase: 'create', count: 10_000 * scale, clients, unit: '/s' },
  ...(clients === 1 ? [{ name: 'ls -l', phase: 'list', count: 10_000 * scale, clients, unit: '/s' }] : []),
  { name: 'open-read-close', phase: 'open-read-close', count: 10_000 * scale, clients, unit: '/s' },
  { name: 'unlink', phase: 'unlink', count: 10_000 * scale, clients, unit: '/s' },
];
const STAT = (clients: number): Phase[] => [
  { name: 'create, nothing believed', phase: 'create', count: 5_000 * scale, clients: 1, unit: '/s' },
  { name: 'uncached stat', phase: 'stat', count: 5_000 * scale, clients, unit: '/s' },
];
/** A daemon lives for days: what its first second costs is not the question. */
const WARM_UP: readonly Phase[] = ['create', 'list', 'stat', 'open-read-close', 'unlink'].map((phase) => ({
  name: 'warm-up',
  phase,
  count: 3_000,
  clients: 1,
  unit: '/s',
}));
const ONE: Phase[] = [
  { name: 'file for small reads', phase: 'write', count: 256 * scale, clients: 1, unit: 'MiB/s' },
  { name: 'random 4K reads', phase: 'random', count: 20_000 * scale, clients: 1, unit: '/s' },
  { name: '4K writes', phase: 'write-4k', count: 64 * scale, clients: 1, unit: 'MiB/s' },
];
const DATA: Phase[] = [
  { name: 'sequential write', phase: 'write', count: 1024 * scale, clients: 1, unit: 'MiB/s' },
  { name: 'sequential read, cold', phase: 'read', count: 1024 * scale, clients: 1, unit: 'MiB/s' },
  { name: 'random 4K reads x8', phase: 'random', count: 40_000 * scale, clients: 8, unit: '/s' },
];

interface Plan {
  readonly title: string;
  readonly pinned: boolean;
  readonly validSeconds: number;
  readonly phases: readonly Phase[];
}

const PLANS: readonly Plan[] = [
  { title: 'one CPU, one client', pinned: true, validSeconds: 3600, phases: METADATA(1) },
  { title: 'one CPU, one client, nothing believed', pinned: true, validSeconds: 0, phases: STAT(1) },
  { title: 'eight clients', pinned: false, validSeconds: 3600, phases: METADATA(8) },
  { title: 'eight clients, nothing believed', pinned: false, validSeconds: 0, phases: STAT(8) },
  { title: 'one CPU, small data', pinned: true, validSeconds: 3600, phases: ONE },
  { title: 'data', pinned: false, validSeconds: 3600, phases: DATA },
];

const folder = mkdtempSync(join(tmpdir(), 'odbfs-bench-'));
const results = new Map<string, number[]>();
try {
  compile();
  for (let round = 0; round < rounds; round++) {
    for (const plan of PLANS) {
      for (const name of round % 2 === 0 ? systems : [...systems].reverse()) await measure(name, plan);
    }
  }
  report();
} finally {
  rmSync(folder, { recursive: true });
}

function compile(): void {
  const flags = execFileSync('pkg-config', ['--cflags', '--libs', 'fuse3'], { encoding: 'utf8' })
    .trim()
    .split(/\s+/);
  execFileSync('cc', ['-O2', join(SOURCES, 'memory-fs.c'), '-o', join(folder, 'memory-fs'), ...flags]);
  execFileSync('cc', ['-O2', join(SOURCES, 'workload.c'), '-o', join(folder, 'workload')]);
}

async function measure(name: string, plan: Plan): Promise<void> {
  const system: BridgeSystem | undefined = SYSTEMS[name];
  if (system === undefined)
    throw new Error(`no system ${name}; there is: ${Object.keys(SYSTEMS).join(', ')}`);
  const server = await startServer(system, { folder, pinned: plan.pinned, validSeconds: plan.validSeconds });
  try {
    for (const phase of WARM_UP) run(server, plan, phase);
    for (const phase of plan.phases) {
      if (phase.phase !== 'write-4k') dropCaches();
      await server.watchLoop();
      const cpuBefore = server.cpuSeconds();
      add(`${plan.title}|${phase.name}|${phase.unit}|${name}`, run(server, plan, phase));
      if (phase.phase === 'stat') {
        const perStat = ((server.cpuSeconds() - cpuBefore) / phase.count) * 1e6;
        add(`${plan.title}|server CPU per uncached stat|µs|${name}`, perStat);
      }
      const delayMs = await server.loopDelayMs();
      if (phase.phase === 'read' && delayMs !== null)
        add(`${plan.title}|loop delay, cold read|ms|${name}`, delayMs);
    }
    add(`${plan.title}|resident memory|MiB|${name}`, server.residentMebibytes());
  } finally {
    await server.stop();
  }
}

function run(server: Server, { pinned }: Plan, { phase, count, clients }: Phase): number {
  const program = [join(folder, 'workload'), phase, server.mountpoint, `${Math.round(count)}`, `${clients}`];
  const [command, ...rest] = pinned ? ['taskset', '-c', '0', ...program] : program;
  return Number(execFileSync(command!, rest, { encoding: 'utf8', timeout: 300_000 }));
}

/** Names, attributes and pages; the backing files are memory themselves and stay. */
function dropCaches(): void {
  execFileSync('sh', ['-c', 'echo 3 > /proc/sys/vm/drop_caches']);
}

function add(key: string, result: number): void {
  results.set(key, [...(results.get(key) ?? []), result]);
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)]!;
}

function report(): void {
  let title = '';
  const seen = new Set<string>();
  for (const key of results.keys()) {
    const [plan, name, unit] = key.split('|');
    const row = `${plan}|${name}|${unit}`;
    if (seen.has(row)) continue;
    seen.add(row);
    if (plan !== title) {
      title = plan!;
      console.log(`\n${title}\n${''.padEnd(34)}${systems.map((system) => system.padStart(24)).join('')}`);
    }
    const reference = results.get(`${row}|${systems[0]}`);
    const cells = systems.map((system) => cell(results.get(`${row}|${system}`), reference));
    console.log(`${`${name} ${unit}`.padEnd(34)}${cells.map((text) => text.padStart(24)).join('')}`);
  }
}

function cell(values: readonly number[] | undefined, reference: readonly number[] | undefined): string {
  if (values === undefined) return '-';
  const ratio = reference === undefined ? '' : ` (${(median(values) / median(reference)).toFixed(2)})`;
  return `${median(values).toFixed(median(values) < 100 ? 1 : 0)}${ratio}`;
}
