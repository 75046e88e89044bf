/**
 * One renewal of an account at a time, over all processes: the daemon and `odbfs login`, `odbfs cookies` share one set
 * of cookies, and two attempts at once spoil each other (protocol notes 1g). A lock whose holder died is taken over.
 */
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../../../base/index.js';

const POLL_MS = 100;
/** Longer than any renewal may take; whoever holds on longer is stuck. */
const STALE_AFTER_MS = 5 * 60_000;

export async function withRenewalLock<Result>(
  path: string,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  work: () => Promise<Result>,
): Promise<Result> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const mark = `${process.pid} ${await startOf(process.pid)}`;
  const waitingSince = clock.monotonic();
  while (!(await taken(path, mark))) {
    if (clock.monotonic() - waitingSince > STALE_AFTER_MS || !(await isHeld(path)))
      await rm(path, { force: true });
    else await clock.sleep(POLL_MS, signal);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function taken(path: string, mark: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(mark);
    await file.close();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** The holder lives; its start time tells it from a later process of the same number. */
async function isHeld(path: string): Promise<boolean> {
  const [pid, start] = (await readFile(path, 'utf8').catch(() => '')).split(' ');
  // Empty: just made, about to be written, or left so by a crash; the time limit decides.
  if (!pid) return true;
  return (await startOf(Number(pid))) === start;
}

async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // Field 22; the name in parentheses before it may hold blanks.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
