/**
 * Sends a password under the breaker: a pair that was refused is never sent again, and after a few wrong ones nothing is
 * sent for a while, so that we never lock an account out. Remembers that over restarts, in the sealed file.
 */

import { AccountJar } from '../account-jar.js';
import type { NewSecrets } from '../attempt.js';
import { passwordFingerprint, refusalOf } from '../renewals/strategy.js';
import { recourseOf, SignInError, type SignInErrorKind } from '../sign-in-error.js';
import { withRenewalLock } from '../store/renewal-lock.js';
import { emptySession, MAX_REFUSALS, type Refusal, type StoredSession } from '../store/stored-session.js';
import type { UserSecret } from '../ws-trust/envelopes.js';
import { signInWithPassword } from './password.js';
import type { Way } from './ways.js';

/** Directories lock an account after five to ten wrong passwords; we stay well below. */
const MAX_WRONG_PASSWORDS = 3;
const WRONG_PASSWORD_WINDOW_MS = 15 * 60_000;

/** Answers that say something about this pair; others (a tenant's setting) may change without it. */
const ABOUT_THE_PAIR: ReadonlySet<SignInErrorKind> = new Set(['wrong-password', 'unknown-user']);

export async function guardedPassword(way: Way, loginUrl: string, secret: UserSecret): Promise<NewSecrets> {
  const { place, attempt } = way;
  const work = () => attemptOnce(way, loginUrl, secret);
  return place.lockPath === null ? work() : withRenewalLock(place.lockPath, attempt, work);
}

async function attemptOnce(way: Way, loginUrl: string, secret: UserSecret): Promise<NewSecrets> {
  const { attempt, place } = way;
  const stored = (await place.vault.load().catch(() => null)) ?? fresh(way);
  const fingerprint = passwordFingerprint(secret.username, secret.password);
  const known = refusalOf(stored, fingerprint);
  if (known && ABOUT_THE_PAIR.has(known.kind as SignInErrorKind)) {
    throw new SignInError(
      'wrong-password',
      'this password was refused before and is not sent again: type another one',
    );
  }
  assertNotLockingOut(stored.refusals, attempt.clock.now());
  try {
    return await signInWithPassword(attempt, loginUrl, secret);
  } catch (error) {
    if (error instanceof SignInError && recourseOf(error) !== 'later') {
      await remember(way, stored, {
        fingerprint,
        kind: error.kind,
        message: error.message,
        at: attempt.clock.now(),
      });
    }
    throw error;
  }
}

function assertNotLockingOut(refusals: readonly Refusal[], nowMs: number): void {
  const recent = refusals.filter(
    ({ kind, at }) => kind === 'wrong-password' && nowMs - at < WRONG_PASSWORD_WINDOW_MS,
  );
  if (recent.length < MAX_WRONG_PASSWORDS) return;
  const freeAt = new Date(Math.min(...recent.map(({ at }) => at)) + WRONG_PASSWORD_WINDOW_MS);
  throw new SignInError(
    'locked-out',
    `${recent.length} wrong passwords in a row: nothing more is sent until ${freeAt.toISOString()}, so that the account is not locked`,
  );
}

async function remember({ place }: Way, stored: StoredSession, refusal: Refusal): Promise<void> {
  const refusals = [
    ...stored.refusals.filter(({ fingerprint }) => fingerprint !== refusal.fingerprint),
    refusal,
  ];
  await place.vault.save({
    ...stored,
    generation: stored.generation + 1,
    refusals: refusals.slice(-MAX_REFUSALS),
  });
}

function fresh({ place }: Way): StoredSession {
  return emptySession(place.site.webUrl, 'password', new AccountJar(place.clock).serialize());
}
