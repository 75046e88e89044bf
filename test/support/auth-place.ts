/**
 * What the tests of signing in share: a clock that the client and the stand-in both go by, a log that is kept to be
 * looked at, a state directory that ends with the test, a person who answers.
 */
import { setMaxListeners } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Clock, createLog, type Log } from '../../src/base/index.js';
import {
  type AccountSession,
  openSession,
  type Prompts,
  type Question,
  type SignInOptions,
  signIn,
} from '../../src/sharepoint/auth/index.js';
import type { Keyring } from '../../src/sharepoint/auth/store/keyring.js';
import {
  STANDIN_PASSWORD,
  type Standin,
  type StandinClock,
  type StandinOptions,
} from '../../src/standin/index.js';
import { SignInClient, standinFor } from './standin-sign-in.js';

export const NEVER_ABORTED = new AbortController().signal;
setMaxListeners(0, NEVER_ABORTED);

/** Time that stands still until somebody waits, and then is as late as they waited for: for both ends at once. */
export class SharedClock implements Clock {
  readonly #standin: StandinClock;
  #steadyMs = 0;
  #watcher: () => unknown = () => undefined;

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

  /** Is called whenever somebody has waited. */
  watch(watcher: () => unknown): void {
    this.#watcher = watcher;
  }

  after(delayMs: number, callback: () => void): () => void {
    const immediate = setImmediate(() => {
      this.advance(delayMs);
      this.#watcher();
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

export interface AuthPlace {
  readonly standin: Standin;
  readonly clock: SharedClock;
  readonly stateDir: string;
  readonly logged: readonly string[];
  /** For `signIn`, `openSession` and `logOut`. */
  readonly options: SignInOptions;
}

/** A stand-in, and an account that may sign in there; the stand-in must not have failed at the end. */
export async function authPlace(
  t: TestContext,
  switches: NonNullable<StandinOptions['switches']> = {},
  user = 'user@contoso.com',
): Promise<AuthPlace> {
  const standin = await standinFor(t, { switches });
  const clock = new SharedClock(standin);
  const stateDir = await temporaryDir(t);
  const { log, lines } = keptLog();
  const siteUrl = `${standin.origin}/personal/${user.replace(/[@.]/g, '_')}`;
  const calm = { keyring: NO_KEYRING, environment: {}, random: () => 0.5, lookEveryMs: 3_600_000 };
  return { standin, clock, stateDir, logged: lines, options: { siteUrl, stateDir, clock, log, ...calm } };
}

/** An account that signed in by a browser which said "Stay signed in: Yes" (or No), without a browser. */
export async function signedInByPages(
  t: TestContext,
  place: AuthPlace,
  { stay = true }: { readonly stay?: boolean } = {},
): Promise<AccountSession> {
  const { standin, options, stateDir } = place;
  const browser = new SignInClient(standin);
  await browser.signIn(options.siteUrl, { upn: 'user@contoso.com', password: STANDIN_PASSWORD, stay });
  const path = join(stateDir, 'export.json');
  await writeFile(path, JSON.stringify(exportOf(browser, place.clock.now())));
  const request = { method: 'cookies', cookiesFrom: path, loginUrl: `${standin.origin}/~login` } as const;
  await signIn(request, new Person(), options, NEVER_ABORTED);
  await rm(path);
  return sessionOf(t, place);
}

export async function sessionOf(t: TestContext, place: AuthPlace): Promise<AccountSession> {
  const session = await openSession(place.options);
  t.after(() => session.close());
  return session;
}

const NINETY_DAYS_MS = 90 * 86_400_000;

/** As an extension exports them; the login host is below a path here. */
function exportOf(browser: SignInClient, nowMs: number): object[] {
  return [...browser.jar].flatMap(([host, cookies]) =>
    [...cookies].map(([name, value]) => ({
      name,
      value,
      domain: host.replace(/:\d+$/, ''),
      path: name.startsWith('ESTS') ? '/~login/' : '/',
      secure: true,
      ...(name === 'ESTSAUTHPERSISTENT' && { expirationDate: (nowMs + NINETY_DAYS_MS) / 1000 }),
    })),
  );
}
