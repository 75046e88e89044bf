/** Starting a program of ours that goes on after the command returned, and waiting until it is ready. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Failure } from './failure.js';
import { readyPipeEnvironment, START_OUTCOME_SCHEMA, type StartOutcome } from './ready-pipe.js';
import { SMALL_HEAP_ENVIRONMENT, SMALL_NODE_OPTIONS } from './small-process.js';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
const READY_DESCRIPTOR = 3;

export interface BackgroundOptions {
  /** Arguments of odbfs; never a secret. */
  readonly args: readonly string[];
  /** Where standard output and error go. */
  readonly outputFile: string;
  readonly env?: Readonly<Record<string, string>>;
  /** False: the child ends with our process group (Ctrl-C reaches it). */
  readonly detached: boolean;
  /** Gives up waiting; the child is ended. */
  readonly signal: AbortSignal;
}

/** Resolves with the child's pid once it said that it is ready. Throws the `Failure` that it reported. */
export async function startInBackground(options: BackgroundOptions): Promise<number> {
  const output = openSync(options.outputFile, 'a', 0o600);
  const child = spawn(process.execPath, [...process.execArgv, ...SMALL_NODE_OPTIONS, MAIN, ...options.args], {
    detached: options.detached,
    stdio: ['ignore', output, output, 'pipe'],
    cwd: '/',
    env: {
      ...process.env,
      ...SMALL_HEAP_ENVIRONMENT,
      ...options.env,
      ...readyPipeEnvironment(READY_DESCRIPTOR),
    },
  });
  closeSync(output);
  const cancel = () => child.kill('SIGTERM');
  options.signal.addEventListener('abort', cancel, { once: true });
  try {
    const outcome = await readOutcome(child.stdio[READY_DESCRIPTOR] as Readable);
    options.signal.throwIfAborted();
    if (outcome === null) throw new Failure('failed', `the start failed; see ${options.outputFile}`);
    if (!outcome.ready) throw new Failure(outcome.kind, outcome.message);
    return outcome.pid;
  } finally {
    options.signal.removeEventListener('abort', cancel);
    child.unref();
  }
}

/** Null: the child ended without a word. */
async function readOutcome(pipe: Readable): Promise<StartOutcome | null> {
  const lines = createInterface({ input: pipe });
  for await (const line of lines) {
    pipe.destroy();
    return START_OUTCOME_SCHEMA.parse(JSON.parse(line));
  }
  return null;
}
