/**
 * Taking away a mount whose daemon is dead, or that has to go at once: lazily, by fusermount3, which may do so for an
 * ordinary user's own mounts, or by umount for root.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Failure } from './failure.js';

const TIMEOUT_MS = 10_000;

export async function detachMount(mountpoint: string): Promise<void> {
  const tries: readonly (readonly [string, readonly string[]])[] = [
    ['fusermount3', ['-u', '-z', '--', mountpoint]],
    ['umount', ['-l', '-i', '--', mountpoint]],
  ];
  const reasons: string[] = [];
  for (const [program, args] of tries) {
    const reason = await attempt(program, args);
    if (reason === null) return;
    reasons.push(reason);
  }
  throw new Failure('failed', `can't unmount ${mountpoint}: ${reasons.join('; ')}`);
}

/** Null when it worked; else why not, in one line. */
async function attempt(program: string, args: readonly string[]): Promise<string | null> {
  try {
    await promisify(execFile)(program, args, { timeout: TIMEOUT_MS });
    return null;
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    return (stderr.trim() || message).split('\n')[0]!;
  }
}
