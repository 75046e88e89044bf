/** Compiles what bench/bridge runs, and finds out which of the systems there are on this machine. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, statfsSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { loadFuseNative } from '../../src/fuse/fuse-native/library.js';
import { checkBridge } from '../../src/fuse/index.js';

const SOURCES = join(import.meta.dirname, '..', '..', '..', 'bench', 'bridge');
const FIRST_KERNEL_THAT_PASSES = [6, 9] as const;
const FIRST_LIBFUSE_THAT_PASSES = [3, 17] as const;
const REFERENCE_SOURCES = ['memory-fs.c', 'memory-tree.c'];

/** Without it there is nothing to measure with. */
export function compileWorkload(folder: string): void {
  compile([join(SOURCES, 'workload.c')], join(folder, 'workload'), []);
}

/** Those of `systems` that can take part; says why of each of the others. */
export async function availableOf(systems: readonly string[], folder: string): Promise<string[]> {
  const available: string[] = [];
  for (const system of systems) {
    const reason = await whyNot(system, folder);
    if (reason === null) available.push(system);
    else console.log(`${system} is left out: ${reason}`);
  }
  return available;
}

async function whyNot(system: string, folder: string): Promise<string | null> {
  if (system === 'reference') return orReason(() => compileReference(folder));
  if (system === 'fuse-native') return orReason(loadFuseNative);
  if (system === 'passthrough' && isOlder(release(), FIRST_KERNEL_THAT_PASSES))
    return `Linux ${release()} passes nothing through (${FIRST_KERNEL_THAT_PASSES.join('.')} does)`;
  return system === 'local' ? null : checkBridge();
}

/** Why there is no server of libfuse to compare passthrough with; null when there could be one. */
export function whyNoPassthroughReference(): string | null {
  try {
    const version = run('pkg-config', ['--modversion', 'fuse3']).trim();
    if (!isOlder(version, FIRST_LIBFUSE_THAT_PASSES)) return null;
    return `libfuse ${version} cannot ask for it (${FIRST_LIBFUSE_THAT_PASSES.join('.')} can)`;
  } catch {
    return 'libfuse is not installed for compiling';
  }
}

function isOlder(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}

function compileReference(folder: string): void {
  const sources = REFERENCE_SOURCES.map((name) => join(SOURCES, name));
  compile(
    sources,
    join(folder, 'memory-fs'),
    run('pkg-config', ['--cflags', '--libs', 'fuse3']).trim().split(/\s+/),
  );
}

function compile(sources: readonly string[], program: string, flags: readonly string[]): void {
  run('cc', ['-O2', ...sources, '-o', program, ...flags]);
}

function run(command: string, words: readonly string[]): string {
  return execFileSync(command, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What went wrong in one line: what a program said before it failed, or that it is missing. */
async function orReason(work: () => unknown): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    const { stderr, code, path, message } = error as Error & {
      stderr?: string;
      code?: string;
      path?: string;
    };
    if (code === 'ENOENT') return `there is no ${path}`;
    return (stderr?.trim() || message).split('\n')[0]!;
  }
}

/** What all of it needs; null when it is there, else what is missing. */
export function whyNothing(): string | null {
  if (process.getuid?.() !== 0) return "only root may drop the kernel's caches";
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK);
    statfsSync('/dev/shm');
    run('taskset', ['-c', '0', 'true']);
    run('cc', ['--version']);
    return null;
  } catch (error) {
    return (error as Error).message.split('\n')[0]!;
  }
}
