/**
 * One renewal of an account at a time, over all processes: the daemon and `odbfs login`, `odbfs cookies` share one set
 * of cookies, and two attempts at once spoil each other (protocol notes 1g). The lock is SQLite's, thus the kernel's:
 * it ends with its holder, however that ends. The file stays, empty.
 */
import { chmodSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import type { Clock } from '../../../base/index.js';
import { SignInError } from '../sign-in-error.js';

const POLL_MS = 100;
/** Longer than any renewal may take; who holds on longer is stuck, and only ending that process helps. */
const PATIENCE_MS = 5 * 60_000;

export async function withRenewalLock<Result>(
  path: string,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  work: () => Promise<Result>,
): Promise<Result> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const waitingSince = clock.monotonic();
  let lock = taken(path);
  while (lock === null) {
    if (clock.monotonic() - waitingSince > PATIENCE_MS) {
      throw new SignInError('unreachable', 'another process is signing in, and does not come to an end');
    }
    await clock.sleep(POLL_MS, signal);
    lock = taken(path);
  }
  try {
    return await work();
  } finally {
    lock.close();
  }
}

/** Null while somebody else holds it. */
function taken(path: string): Database.Database | null {
  const lock = new Database(path, { timeout: 0 });
  try {
    chmodSync(path, 0o600);
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if ((error as { code?: unknown }).code === 'SQLITE_BUSY') return null;
    throw error;
  }
}
