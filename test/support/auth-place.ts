/**
 * What the tests of signing in share: a clock that the client and the stand-in both go by, a log that is kept to be
 * looked at, a state directory that ends with the test, a person who answers.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Clock, createLog, type Log } from '../../src/base/index.js';
import type { Prompts, Question } from '../../src/sharepoint/auth/index.js';
import type { Keyring } from '../../src/sharepoint/auth/store/keyring.js';
import type { StandinClock } from '../../src/standin/index.js';
import { STANDIN_PASSWORD, type Standin } from '../../src/standin/index.js';

export const NEVER_ABORTED = new AbortController().signal;

/** Time that stands still until somebody waits, and then is as late as they waited for: for both ends at once. */
export class SharedClock implements Clock {
  readonly #standin: StandinClock;
  #steadyMs = 0;

  constructor(standin: Standin) {
    this.#standin = standin.control.clock;
    this.#standin.freeze();
  }

  now(): number {
    return this.#standin.now();
  }

  monotonic(): number {
    return this.#steadyMs;
  }

  advance(byMs: number): void {
    this.#standin.advance(byMs);
    this.#steadyMs += byMs;
  }

  /** The machine sleeps: only the wall clock goes on. */
  suspend(byMs: number): void {
    this.#standin.advance(byMs);
  }

  after(delayMs: number, callback: () => void): () => void {
    const immediate = setImmediate(() => {
      this.advance(delayMs);
      callback();
    });
    return () => clearImmediate(immediate);
  }

  sleep(delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      this.after(delayMs, () => (signal.aborted ? reject(signal.reason) : resolve()));
    });
  }
}

export interface KeptLog {
  readonly log: Log;
  readonly lines: readonly string[];
}

export function keptLog(): KeptLog {
  const lines: string[] = [];
  return { lines, log: createLog('trace', { write: (line) => void lines.push(line) }) };
}

export async function temporaryDir(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'odbfs-auth-'));
  t.after(() => rm(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
}

/** No Secret Service, as on a server. */
export const NO_KEYRING: Keyring = {
  mayExist: false,
  mayPrompt: false,
  read: async () => 'unavailable',
  write: async () => false,
  remove: async () => undefined,
};

/** Answers what it was told to, and remembers what it was shown. */
export class Person implements Prompts {
  readonly told: string[] = [];
  readonly #answers: Partial<Record<Question['name'], string>>;

  constructor(answers: Partial<Record<Question['name'], string>> = {}) {
    this.#answers = { username: 'user@contoso.com', password: STANDIN_PASSWORD, ...answers };
  }

  async ask({ name }: Question): Promise<string> {
    return this.#answers[name] ?? '';
  }

  tell(line: string): void {
    this.told.push(line);
  }
}
