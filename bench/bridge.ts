/**
 * The bridge against a C server on libfuse3 with the same in-memory file system, and against `fuse-native`. All are
 * mounted at once and take turns phase by phase, so that a ratio compares two neighbouring seconds; pinned to one CPU,
 * and with eight clients in default placement.
 *
 *   npm run bench -- bridge [--rounds N] [--quick] [--only WORD] [--systems reference,native,fuse-native]
 *
 * Further systems: local (no FUSE), passthrough (beside local: no libfuse of a distribution asks for it yet), writeback,
 * native-served.
 *
 * Prints medians, the ratios to the C server (median and span of the rounds), and the same ratio of the CPU time of
 * client and server together, which says more than the clock on a machine that others use as well. Needs root, a C
 * compiler and taskset; a system that this machine lacks something for is left out, and said to be. Backing files are on
 * /dev/shm, so that the disk is not measured.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { availableOf, compileWorkload, whyNoPassthroughReference, whyNothing } from './bridge/available.js';
import { startBystander } from './bridge/bystander.js';
import { type Phase, type Plan, plans, WARM_UP } from './bridge/plans.js';
import { Results } from './bridge/results.js';
import { type Server, SYSTEMS, startServer } from './bridge/servers.js';
import { optionsOrExit } from './support/options.js';

/** For what the kernel tells the servers after its caches were dropped. */
const SETTLE_MS = 150;
const {
  rounds,
  quick,
  only,
  systems: names,
} = optionsOrExit('bench -- bridge', {
  rounds: 5,
  quick: false,
  only: '',
  systems: 'reference,native,fuse-native',
});
const obstacle = whyNothing();
if (obstacle !== null) {
  console.error(`nothing can be measured here: ${obstacle}`);
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), 'odbfs-bench-'));
const systems = await availableOf(names.split(','), folder);
const results = new Results(systems);
try {
  compileWorkload(folder);
  for (const plan of plans(quick ? 0.2 : 1)) {
    if (plan.title.includes(only)) await measure(plan);
  }
  results.print();
  if (systems.includes('passthrough')) sayWhatPassthroughIsBeside();
} finally {
  rmSync(folder, { recursive: true });
}

function sayWhatPassthroughIsBeside(): void {
  const reason = whyNoPassthroughReference();
  const reference = reason === null ? 'the C server here does not pass through either' : reason;
  console.log(`\npassthrough: no server of libfuse beside it, ${reference}; compare with local.`);
}

async function measure(plan: Plan): Promise<void> {
  const servers = new Map<string, Server>();
  try {
    for (const name of systems) servers.set(name, await start(name, plan));
    for (const server of servers.values()) await warmUp(server, plan);
    for (let round = 0; round < rounds; round++) {
      for (const [index, phase] of plan.phases.entries()) {
        const order = (round + index) % 2 === 0 ? systems : [...systems].reverse();
        for (const name of order) await measurePhase(name, servers.get(name)!, plan, phase);
      }
    }
  } finally {
    for (const server of servers.values()) await server.stop();
  }
}

/** Listings are compiled only if the kernel asks for them again. */
async function warmUp(server: Server, plan: Plan): Promise<void> {
  for (const phase of WARM_UP) {
    if (phase.phase === 'list') dropCaches();
    run(server, plan, phase);
  }
  await sleep(SETTLE_MS);
}

async function start(name: string, { pinned, validSeconds }: Plan): Promise<Server> {
  const system = SYSTEMS[name];
  if (system === undefined)
    throw new Error(`no system ${name}; there is: ${Object.keys(SYSTEMS).join(', ')}`);
  return startServer(system, { folder, pinned, validSeconds });
}

async function measurePhase(name: string, server: Server, plan: Plan, phase: Phase): Promise<void> {
  if (phase.phase !== 'write-4k') {
    dropCaches();
    await sleep(SETTLE_MS);
  }
  const bystander = phase.phase === 'read' ? await startBystander(plan.pinned) : null;
  await server.watchLoop();
  const before = server.cpuMicroseconds();
  const { rate, clientMicroseconds } = run(server, plan, phase);
  const serverMicroseconds = server.cpuMicroseconds() - before;
  const bar = phase.bar === null || systems[0] !== 'reference' ? '' : phase.bar.toFixed(2);
  const cpu = (serverMicroseconds + clientMicroseconds) / phase.count;
  results.add({ plan: plan.title, name: phase.name, unit: phase.unit, bar }, name, rate, cpu);
  const extra = (what: string, unit: string, value: number, limit = '') =>
    results.add({ plan: plan.title, name: what, unit, bar: limit }, name, value);
  if (phase.phase === 'stat') extra('server CPU per uncached stat', 'µs', serverMicroseconds / phase.count);
  const delayMs = await server.loopDelayMs();
  if (bystander !== null) {
    if (delayMs !== null) extra('loop delay, cold read', 'ms', delayMs, '10');
    extra('the same of an idle process', 'ms', await bystander.maxDelayMs());
  }
  if (phase.phase === 'list') {
    const limit = 70 + (0.5 * phase.count) / 1024;
    extra(`resident, ${phase.count} files`, 'MiB', server.residentMebibytes(), limit.toFixed(1));
  }
}

function run(server: Server, { pinned, clients }: Plan, { phase, count }: Phase) {
  const program = [join(folder, 'workload'), phase, server.mountpoint, `${Math.round(count)}`, `${clients}`];
  const [command, ...rest] = pinned ? ['taskset', '-c', '0', ...program] : program;
  const output = execFileSync(command!, rest, { encoding: 'utf8', timeout: 300_000 });
  const [rate = 0, clientMicroseconds = 0] = output.trim().split(' ').map(Number);
  return { rate, clientMicroseconds };
}

/** Names, attributes and pages; the backing files are memory themselves and stay. */
function dropCaches(): void {
  execFileSync('sh', ['-c', 'echo 3 > /proc/sys/vm/drop_caches']);
}
