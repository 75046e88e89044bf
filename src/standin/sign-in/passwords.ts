/**
 * Whether a password is right, with the service's lockout: five wrong ones in a row lock the account for a minute of
 * the clock, the right one included (T1.3). What else stands in the way of a user (`fateOf`) is for the caller.
 */
import type { StandinClock } from '../clock.js';
import type { Directory, SignInFate, StandinUser } from '../directory.js';
import type { AadstsCode } from './aadsts.js';
import type { SignInLog } from './sign-in-log.js';

export type PasswordVerdict = { readonly user: StandinUser } | { readonly code: AadstsCode };

const WRONG_PASSWORD_LIMIT = 5;
const LOCKOUT_MS = 60_000;

const FATES: readonly SignInFate[] = ['mfa', 'mfa-registration', 'blocked', 'locked', 'unmanaged'];

/** How the sign-in goes for a user: as set, else as the name says (`mfa@…`, `locked@…`). */
export function fateOf(user: Pick<StandinUser, 'upn' | 'fate'>): SignInFate {
  if (user.fate !== 'normal') return user.fate;
  const local = user.upn.toLowerCase().replace(/@.*/, '');
  return FATES.find((fate) => fate === local) ?? 'normal';
}

/** What a sign-in without pages gets for a fate, or null where nothing stands in the way (protocol notes 1b). */
export function fateCode(fate: SignInFate): AadstsCode | null {
  switch (fate) {
    case 'normal':
      return null;
    case 'mfa':
      return 50076;
    case 'mfa-registration':
      return 50079;
    case 'blocked':
      return 53003;
    case 'locked':
      return 50053;
    case 'unmanaged':
      return 65005;
  }
}

export class Passwords {
  readonly #clock: StandinClock;
  readonly #directory: Directory;
  readonly #log: SignInLog;
  readonly #wrong = new Map<StandinUser, { count: number; lockedUntilMs: number }>();

  constructor(clock: StandinClock, directory: Directory, log: SignInLog) {
    this.#clock = clock;
    this.#directory = directory;
    this.#log = log;
  }

  check(upn: string, password: string): PasswordVerdict {
    const user = this.#directory.find(upn);
    const code = this.#codeFor(upn, user, password);
    if (user === undefined || code !== null) return { code: code ?? 50034 };
    this.#wrong.delete(user);
    this.#log.add('password-accepted', user.upn);
    return { user };
  }

  /** Counts a wrong answer that was proved elsewhere (NTLM proves the password without sending it). */
  countWrong(user: StandinUser): void {
    const wrong = this.#wrong.get(user);
    const count = wrong === undefined || this.#lockIsOver(wrong) ? 1 : wrong.count + 1;
    const lockedUntilMs = count >= WRONG_PASSWORD_LIMIT ? this.#clock.now() + LOCKOUT_MS : 0;
    this.#wrong.set(user, { count, lockedUntilMs });
    this.#log.add('password-wrong', user.upn, 'AADSTS50126');
  }

  isLocked(user: StandinUser): boolean {
    if (fateOf(user) === 'locked') return true;
    return this.#clock.now() < (this.#wrong.get(user)?.lockedUntilMs ?? 0);
  }

  #codeFor(upn: string, user: StandinUser | undefined, password: string): AadstsCode | null {
    const refusal = this.#refusalOf(upn, user);
    if (refusal !== null) {
      this.#log.add('password-refused', upn, `AADSTS${refusal}`);
      return refusal;
    }
    if (user === undefined || user.password === password) return null;
    this.countWrong(user);
    return 50126;
  }

  #refusalOf(upn: string, user: StandinUser | undefined): AadstsCode | null {
    if (user === undefined) return fateOf({ upn, fate: 'normal' }) === 'locked' ? 50053 : 50034;
    return this.isLocked(user) ? 50053 : null;
  }

  #lockIsOver(wrong: { lockedUntilMs: number }): boolean {
    return wrong.lockedUntilMs !== 0 && this.#clock.now() >= wrong.lockedUntilMs;
  }
}
