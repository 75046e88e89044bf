/** Waiting, within a bound, until the server has everything. */
import type { Clock } from '../base/index.js';
import type { AccountRuntime } from './account-runtime.js';
import type { UploadStatus } from './status.js';

const PROGRESS_EVERY_MS = 1000;

export interface DrainOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Gives up at once. */
  readonly signal: AbortSignal;
  readonly progress: (uploads: UploadStatus) => void;
}

/** Resolves with what is still owed: nothing, or what the bound (or a sign-in that only a person can mend) left over. */
export async function drain(runtime: AccountRuntime, options: DrainOptions): Promise<UploadStatus> {
  if ((await isWorthWaiting(runtime)) && options.timeoutMs > 0) await waitUntilSettled(runtime, options);
  return runtime.uploads();
}

async function waitUntilSettled(runtime: AccountRuntime, options: DrainOptions): Promise<void> {
  runtime.hurry();
  const giveUp = new AbortController();
  const cancel = options.clock.after(options.timeoutMs, () => giveUp.abort(new Error('the time is up')));
  const signal = AbortSignal.any([giveUp.signal, options.signal]);
  const reporting = report(runtime, options, giveUp, signal);
  try {
    await runtime.settled([], signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    cancel();
    giveUp.abort(new Error('settled'));
    await reporting;
  }
}

/** Tells how it goes once a second, and gives up when waiting has lost its sense. */
async function report(
  runtime: AccountRuntime,
  options: DrainOptions,
  giveUp: AbortController,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await options.clock.sleep(PROGRESS_EVERY_MS, signal).catch(() => undefined);
    if (signal.aborted) return;
    options.progress(runtime.uploads());
    if (!(await isWorthWaiting(runtime))) giveUp.abort(new Error('nothing more can be sent'));
  }
}

/** False when all that is owed waits for a person: what is refused, with all that is in it, or a sign-in. */
async function isWorthWaiting(runtime: AccountRuntime): Promise<boolean> {
  const { state } = runtime.auth();
  if (state === 'signed-out' || state === 'blocked') return false;
  const { waiting } = await runtime.outlook([]);
  return waiting > 0;
}
