/**
 * Every password goes to a server through here, a person's and the keeper's, so that we never lock an account out: one
 * that was refused is not sent again, and after a few wrong ones nothing is sent for a while. It counts per user, over
 * all accounts, processes and restarts, and it counts before it sends: whoever is killed meanwhile has been counted.
 */
import type { Clock } from '../../../base/index.js';
import { SignInError, type SignInErrorKind } from '../sign-in-error.js';
import type { LedgerEntry, PasswordLedger } from '../store/password-ledger.js';
import { withRenewalLock } from '../store/renewal-lock.js';

export interface PasswordAttempt {
  readonly username: string;
  readonly password: string;
  /** Tells users of servers apart where names are not of the form user@organisation. */
  readonly host: string;
}

interface Patience {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Directories lock an account after five to ten wrong passwords, and most forget them after half an hour. */
const MAX_RECENT = 3;
const RECENT_MS = 30 * 60_000;
/** Some forget nothing before a right one comes. */
const MAX_WRONG_A_DAY = 4;
const DAY_MS = 86_400_000;

export class PasswordBreaker {
  readonly #ledger: PasswordLedger;
  readonly #lockPath: string;

  constructor(ledger: PasswordLedger, lockPath: string) {
    this.#ledger = ledger;
    this.#lockPath = lockPath;
  }

  /** Runs `send`, which sends the password once, or throws SignInError without sending anything. */
  guard<Result>(attempt: PasswordAttempt, patience: Patience, send: () => Promise<Result>): Promise<Result> {
    return withRenewalLock(this.#lockPath, patience, () => this.#attempt(attempt, patience.clock, send));
  }

  /** A password that goes along with every request, and was refused with one: known from now on. */
  async noteWrong(attempt: PasswordAttempt, patience: Patience): Promise<void> {
    const refused = () => Promise.reject(new SignInError('wrong-password', ''));
    await this.guard(attempt, patience, refused).catch((error: unknown) => {
      if (!(error instanceof SignInError)) throw error;
    });
  }

  /** Whether exactly this password was refused within a day. */
  async isKnownWrong({ username, password, host }: PasswordAttempt, clock: Clock): Promise<boolean> {
    const user = identityOf(username, host);
    const entries = recalled(await this.#ledger.entriesOf(user), clock.now());
    if (entries.length === 0) return false;
    const mark = await this.#ledger.markOf(user, password);
    return entries.some((entry) => entry.mark === mark && entry.verdict === 'wrong');
  }

  /** A clock that was wrong once must not count for years: what is in the future is from now on taken to be now. */
  async #remembered(user: string, nowMs: number): Promise<readonly LedgerEntry[]> {
    const entries = await this.#ledger.entriesOf(user);
    const found = recalled(entries, nowMs);
    if (entries.some(({ at }) => at > nowMs)) await this.#ledger.replace(user, found);
    return found;
  }

  async #attempt<Result>(
    { username, password, host }: PasswordAttempt,
    clock: Clock,
    send: () => Promise<Result>,
  ): Promise<Result> {
    const user = identityOf(username, host);
    const before = await this.#remembered(user, clock.now());
    const mark = await this.#ledger.markOf(user, password);
    assertMaySend(before, mark, clock.now());
    const counted = { mark, at: clock.now(), verdict: 'unclear' } as const;
    await this.#ledger.replace(user, [...before, counted]);
    try {
      const result = await send();
      await this.#ledger.replace(user, []);
      return result;
    } catch (error) {
      await this.#ledger.replace(user, afterFailure(before, counted, error));
      throw error;
    }
  }
}

function identityOf(username: string, host: string): string {
  const name = username.trim().toLowerCase();
  return name.includes('@') ? name : `${name} ${host.toLowerCase()}`;
}

function recalled(entries: readonly LedgerEntry[], nowMs: number): LedgerEntry[] {
  return entries
    .filter(({ at }) => nowMs - at < DAY_MS)
    .map((entry) => ({ ...entry, at: Math.min(entry.at, nowMs) }));
}

function assertMaySend(entries: readonly LedgerEntry[], mark: string, nowMs: number): void {
  if (entries.some((entry) => entry.mark === mark && entry.verdict === 'wrong')) {
    throw new SignInError(
      'wrong-password',
      'this password was refused before and is not sent again: type another one',
    );
  }
  const recent = entries.filter(({ at }) => nowMs - at < RECENT_MS);
  const wrong = entries.filter(({ verdict }) => verdict === 'wrong');
  const isLocked = recent.some(({ verdict }) => verdict === 'locked');
  const until = (counted: readonly LedgerEntry[], forMs: number) =>
    Math.min(...counted.map(({ at }) => at)) + forMs;
  if (isLocked) throw waiting('the server has locked this user', until(recent, RECENT_MS), nowMs);
  if (wrong.length >= MAX_WRONG_A_DAY)
    throw waiting(`${wrong.length} wrong passwords today`, until(wrong, DAY_MS), nowMs);
  if (recent.length >= MAX_RECENT)
    throw waiting(`${recent.length} wrong passwords in a row`, until(recent, RECENT_MS), nowMs);
}

function waiting(why: string, freeAtMs: number, nowMs: number): SignInError {
  const freeAt = new Date(freeAtMs);
  return new SignInError(
    'locked-out',
    `${why}: nothing more is sent for this user until ${freeAt.toISOString()}, so that the account is not locked; "--method browser" works meanwhile`,
    { wasNotSent: true, retryAfterMs: freeAtMs - nowMs },
  );
}

/** Asked after the password was found right, or of a user that there is not. */
const NOT_WRONG: ReadonlySet<SignInErrorKind> = new Set([
  'unknown-user',
  'mfa-needed',
  'conditional-access',
  'admin-approval',
  'person-needed',
  'no-access',
]);

function afterFailure(
  before: readonly LedgerEntry[],
  counted: LedgerEntry,
  error: unknown,
): readonly LedgerEntry[] {
  if (!(error instanceof SignInError)) return [...before, counted];
  if (NOT_WRONG.has(error.kind) || error.wasNotSent) return before;
  if (error.kind === 'wrong-password') return [...before, { ...counted, verdict: 'wrong' }];
  if (error.kind === 'locked-out') return [...before, { ...counted, verdict: 'locked' }];
  return [...before, counted];
}
