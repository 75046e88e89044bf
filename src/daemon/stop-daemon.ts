/** Stopping the daemon of an account, from another process. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../base/index.js';
import { type AskOptions, askDaemon } from './control-client.js';
import type { UploadStatus } from './status.js';

/** A daemon that has told its last word has nothing left to do but to end. */
const LONGEST_END_MS = 5000;
const LOOK_EVERY_MS = 5;

/**
 * Unmounts and waits for what is owed, at most `timeoutMs`; resolves with what is still owed, when the process has ended:
 * nothing of it is in the way of a next mount, or of whoever removes its folders. Throws as `askDaemon` does.
 */
export async function stopDaemon(
  socketPath: string,
  timeoutMs: number,
  options: AskOptions = {},
): Promise<UploadStatus> {
  const { stillOwed, pid } = await askDaemon(socketPath, { command: 'stop', timeoutMs }, options);
  const endsAtMs = systemClock.monotonic() + LONGEST_END_MS;
  while (isRunning(pid) && systemClock.monotonic() < endsAtMs) await sleep(LOOK_EVERY_MS);
  return stillOwed;
}

/** A zombie has ended: whoever started it has only not asked for its exit code yet. */
function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
