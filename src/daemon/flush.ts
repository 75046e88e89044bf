/** `odbfs flush`: a barrier behind which the server has everything below some paths. */
import type { Clock } from '../base/index.js';
import type { AccountRuntime } from './account-runtime.js';
import { formatByteSize } from './byte-size.js';
import { Failure } from './failure.js';
import type { AccountStatus, UploadStatus } from './status.js';

const PROGRESS_EVERY_MS = 1000;

export interface FlushOptions {
  readonly paths: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly progress: (uploads: UploadStatus) => void;
  readonly clock: Clock;
}

/**
 * Throws `Failure`: `failed` with one line per entry that the server refuses; `sign-in` when only a person can get
 * things going; `owed` when the time is up.
 */
export async function flush(runtime: AccountRuntime, options: FlushOptions): Promise<void> {
  const finished = new AbortController();
  const signal = AbortSignal.any([finished.signal, options.signal]);
  runtime.hurry();
  const watching = watch(runtime, options, signal);
  const settling = runtime.settled(options.paths, signal);
  try {
    await Promise.race([settling, watching.then(() => settling)]);
  } finally {
    finished.abort(new Error('flushed'));
    await Promise.allSettled([settling, watching]);
  }
}

/** Rejects with why waiting makes no sense any more; resolves when nothing is left to wait for. */
async function watch(runtime: AccountRuntime, options: FlushOptions, signal: AbortSignal): Promise<void> {
  const { clock, paths } = options;
  const deadline = clock.monotonic() + options.timeoutMs;
  for (;;) {
    const left = deadline - clock.monotonic();
    if (left <= 0) {
      await refuseIfOnlyAPersonHelps(runtime, paths);
      // Nothing is left there: whoever waits for that is about to hear of it, though the time is up.
      if ((await runtime.outlook(paths)).waiting === 0) return;
      throw timedOut(runtime);
    }
    await clock.sleep(Math.min(PROGRESS_EVERY_MS, left), signal);
    options.progress(runtime.uploads());
    await refuseIfOnlyAPersonHelps(runtime, paths);
  }
}

async function refuseIfOnlyAPersonHelps(runtime: AccountRuntime, paths: readonly string[]): Promise<void> {
  const { waiting, refusals } = await runtime.outlook(paths);
  if (waiting === 0 && refusals.length > 0) throw new Failure('failed', refusals.join('\n'));
  const { state, message } = runtime.auth();
  if (waiting === 0 || (state !== 'signed-out' && state !== 'blocked')) return;
  const remedy =
    state === 'blocked' && message !== null ? message : `odbfs login --account ${runtime.account}`;
  throw new Failure(
    'sign-in',
    `${uploads(waiting)} ${waiting === 1 ? 'waits' : 'wait'} for a sign-in: ${remedy}`,
  );
}

function timedOut(runtime: AccountRuntime): Failure {
  const { owed, bytesOwed, obstacle } = runtime.uploads();
  const why = obstacle === undefined ? OBSTACLES[runtime.status().network.state] : `: ${obstacle}`;
  return new Failure(
    'owed',
    `${uploads(owed)} (${formatByteSize(bytesOwed)}) still owed${why}; what is owed is sent in the background`,
  );
}

const OBSTACLES: Record<AccountStatus['network']['state'], string> = {
  online: '',
  offline: ', for the server cannot be reached',
  throttled: ', for the server asks for a pause',
};

function uploads(count: number): string {
  return `${count} upload${count === 1 ? '' : 's'}`;
}
