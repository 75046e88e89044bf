import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const KIB_PER_MIB = 1024;

/** Runs a program to its end; throws with what it said when it fails. */
export async function run(
  program: string,
  args: readonly string[],
  env?: Record<string, string>,
): Promise<string> {
  const options = { maxBuffer: 64 * 1024 * 1024, env: { ...process.env, ...env } };
  const { stdout } = await execute(program, [...args], options);
  return stdout;
}

export function shell(script: string): Promise<string> {
  return run('bash', ['-euo', 'pipefail', '-c', script]);
}

export function hasProgram(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;
}

/** Resident memory of a process, MiB; 0 when it has gone. */
export function residentMiBOf(pid: number): number {
  try {
    const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Math.round(Number(match?.[1] ?? 0) / KIB_PER_MIB);
  } catch {
    return 0;
  }
}

/** Polls until `condition` holds; throws after `limitMs`. */
export async function until(condition: () => Promise<boolean>, limitMs: number, what: string): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${limitMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export function isMounted(mountpoint: string): boolean {
  return readFileSync('/proc/self/mounts', 'utf8').includes(` ${mountpoint} `);
}
