/**
 * What a process holds of a sign-in: the secrets in use, how many times they changed, and the state that everybody may
 * see. Every change of state is told once to those who subscribed. Asks nobody and writes nothing.
 */
import type { Clock } from '../../../base/index.js';
import type { SessionStamp } from '../../http/authenticator.js';
import { AccountJar } from '../account-jar.js';
import type { StoredSession } from '../store/stored-session.js';
import { type AuthEvent, type AuthState, messageOf, transition } from './auth-state.js';
import { measuredLife, renewalDueAt } from './renewal-schedule.js';

/** As `status --json` shows it. */
export interface AuthStatus {
  readonly state: AuthState['name'];
  readonly method: string;
  readonly expiresAt: string | null;
  readonly renewedAt: string | null;
  readonly message: string | null;
}

export type AuthListener = (status: AuthStatus) => void;

/** Less is a clock that is kept true. */
const SET_BACK_MS = 60_000;
const NEVER = { expiresAt: null, renewedAt: 0 };
export const NOBODY = 'nobody has signed in yet: run "odbfs login"';

export class HeldSession {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #listeners = new Set<AuthListener>();
  #state: AuthState = { name: 'signed-out', times: NEVER, message: NOBODY };
  #stored: StoredSession | null = null;
  #jar: AccountJar;
  #stamp: SessionStamp = 0;
  #jitter = 0;
  #isLonger = false;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
    this.#jar = new AccountJar(clock);
  }

  get state(): AuthState {
    return this.#state;
  }

  get stored(): StoredSession | null {
    return this.#stored;
  }

  get jar(): AccountJar {
    return this.#jar;
  }

  /** It ends later than what is kept of it says. */
  get isLonger(): boolean {
    return this.#isLonger;
  }

  get stamp(): SessionStamp {
    return this.#stamp;
  }

  /** Takes over secrets that were renewed silently, or that a person brought. */
  adopt(stored: StoredSession, how: 'renewed' | 'signed-in'): void {
    this.#take(stored);
    this.dispatch({ type: how, times: stored });
  }

  /** Takes over what an attempt that failed left behind (a refusal, a newer refresh token): the session is the same. */
  note(stored: StoredSession): void {
    this.#stored = stored;
    this.#isLonger = false;
  }

  /** The session at hand, as it is kept now: it may have been made longer again meanwhile, or have been replaced. */
  keptAs({ jar, generation, expiresAt }: StoredSession): void {
    if (this.#stored?.generation !== generation - 1) return;
    this.#isLonger = this.#stored.expiresAt !== expiresAt;
    this.#stored = { ...this.#stored, jar, generation };
  }

  /** The jar with another host's session in it, or with a cookie that the server set anew. */
  replaceJar(jar: AccountJar, expiresAt: number | null): void {
    if (this.#stored === null) return;
    this.#jar = jar;
    this.#stamp += 1;
    if (expiresAt === this.#stored.expiresAt) return;
    this.#stored = { ...this.#stored, expiresAt };
    this.#isLonger = true;
    this.dispatch({ type: 'extended', expiresAt });
  }

  /** What a refusal teaches about the life of such sessions. */
  learnLife(): void {
    if (this.#stored === null) return;
    this.#stored = { ...this.#stored, measuredLifeMs: measuredLife(this.#stored, this.#clock.now()) };
  }

  /** Forgets the secrets. */
  drop(message: string): void {
    this.#stored = null;
    this.#jar = new AccountJar(this.#clock);
    this.#stamp += 1;
    this.dispatch({ type: 'signed-out', message });
  }

  dispatch(event: AuthEvent): void {
    const before = this.status();
    this.#state = transition(this.#state, event);
    const now = this.status();
    if (JSON.stringify(before) === JSON.stringify(now)) return;
    for (const listener of [...this.#listeners]) listener(now);
  }

  /** By the wall clock; null when only a person can help. */
  dueAt(): number | null {
    const { name } = this.#state;
    if (this.#stored === null || name === 'signed-out' || name === 'blocked') return null;
    if (name === 'stale') return 0;
    // A person was asked for already: what is at hand serves to its end, and nothing is asked twice.
    if (messageOf(this.#state) !== null) return this.#stored.expiresAt;
    // The clock was set back since: when the session ends by this one, nobody knows.
    if (this.#stored.renewedAt > this.#clock.now() + SET_BACK_MS) return 0;
    return renewalDueAt(this.#stored, this.#jitter);
  }

  /** By its own word, or by a life that was measured, the session is over. */
  get hasEnded(): boolean {
    const expiresAt = this.#stored?.expiresAt ?? null;
    return expiresAt !== null && expiresAt <= this.#clock.now();
  }

  status(): AuthStatus {
    const { name, times } = this.#state;
    return {
      state: name,
      method: this.#stored?.method ?? 'none',
      expiresAt: times.expiresAt === null ? null : new Date(times.expiresAt).toISOString(),
      renewedAt: times.renewedAt === 0 ? null : new Date(times.renewedAt).toISOString(),
      message: messageOf(this.#state),
    };
  }

  /** The returned function ends it. */
  subscribe(listener: AuthListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #take(stored: StoredSession): void {
    this.#stored = stored;
    this.#isLonger = false;
    this.#jar = new AccountJar(this.#clock, stored.jar);
    this.#stamp += 1;
    this.#jitter = this.#random();
  }
}
