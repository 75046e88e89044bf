/**
 * One silent renewal, whole: under the lock that all processes of the account share, with the newest secrets there are,
 * never with one that was refused before, tried before it is trusted, and kept before it is used.
 */
import { AccountJar } from '../account-jar.js';
import type { Attempt, NewSecrets } from '../attempt.js';
import { signInWithPassword } from '../methods/password.js';
import { nativeSession } from '../oauth/native-client.js';
import { refreshTokens } from '../oauth/token-endpoint.js';
import { POLICY_ERROR, preFlight } from '../pre-flight.js';
import { renewByPages } from '../renewals/by-pages.js';
import { refusalOf, renewingSecret, type Strategy } from '../renewals/strategy.js';
import { cookieUrl } from '../session-cookies.js';
import { recourseOf, SignInError, type SignInErrorKind } from '../sign-in-error.js';
import { signatureFor } from '../signed-headers.js';
import { withRenewalLock } from '../store/renewal-lock.js';
import type { SessionVault } from '../store/session-vault.js';
import { MAX_REFUSALS, type StoredSession, type StoredTokens } from '../store/stored-session.js';
import { withSecrets } from './with-secrets.js';

export interface RenewalPlace {
  readonly vault: SessionVault;
  /** Null where no other process can know the account: memory-only. */
  readonly lockPath: string | null;
  readonly attempt: Attempt;
  /** What the server said it misses (`insufficient_claims`), as JSON. */
  readonly claims: string | null;
}

export const POLICY_BLOCKED =
  'a fresh sign-in is refused by a rule of the tenant (917656): ask the administrator to allow this device, then run "odbfs login"';

/** The renewed session, or the one that another process renewed meanwhile. Throws SignInError. */
export async function renewOnce(current: StoredSession, place: RenewalPlace): Promise<StoredSession> {
  const { lockPath, attempt } = place;
  const work = async () => {
    const latest = await newest(current, place);
    if (latest.generation > current.generation && isUsable(latest, attempt.clock.now())) return latest;
    return new Renewal(latest, place).run();
  };
  return lockPath === null ? work() : withRenewalLock(lockPath, attempt, work);
}

async function newest(current: StoredSession, { vault }: RenewalPlace): Promise<StoredSession> {
  const stored = await vault.load().catch((error: unknown) => {
    // Ours is whole, and is about to be written anew.
    if (error instanceof SignInError) return current;
    throw error;
  });
  if (stored?.signedIn) return stored.generation > current.generation ? stored : current;
  throw new SignInError('person-needed', 'signed out: run "odbfs login"');
}

function isUsable(session: StoredSession, nowMs: number): boolean {
  return session.expiresAt === null || session.expiresAt > nowMs;
}

class Renewal {
  /** As it was saved last. */
  #session: StoredSession;
  readonly #place: RenewalPlace;
  readonly #jar: AccountJar;

  constructor(session: StoredSession, place: RenewalPlace) {
    this.#session = session;
    this.#place = place;
    this.#jar = new AccountJar(place.attempt.clock, session.jar);
  }

  async run(): Promise<StoredSession> {
    const { attempt } = this.#place;
    const secret = renewingSecret(this.#session, this.#jar, attempt.site);
    if (secret === null) throw new SignInError('person-needed', nothingLeft(this.#session));
    const refusal = refusalOf(this.#session, secret.fingerprint);
    if (refusal) throw new SignInError(refusal.kind as SignInErrorKind, refusal.message);
    try {
      const secrets = await this.#living(secret.strategy);
      await this.#keep({ ...withSecrets(this.#session, secrets, attempt), refusals: [] });
      return this.#session;
    } catch (error) {
      await this.#remember(error, secret.fingerprint);
      throw error;
    }
  }

  /** A session that is dead at birth may have been ended in that very moment: one more, and then it is no accident. */
  async #living(strategy: Strategy): Promise<NewSecrets> {
    const first = await this.#by(strategy);
    if (await this.#isAlive(first)) return first;
    const second = await this.#by(strategy);
    if (await this.#isAlive(second)) return second;
    throw new SignInError('person-needed', 'the renewed session is refused all the same: run "odbfs login"');
  }

  #by(strategy: Strategy): Promise<NewSecrets> {
    const { attempt } = this.#place;
    const loginUrl = this.#session.loginUrl ?? attempt.site.knownLoginUrl;
    switch (strategy) {
      case 'password':
        return signInWithPassword(attempt, loginUrl ?? attempt.site.origin, {
          username: this.#session.username!,
          password: this.#session.password!,
        });
      case 'refresh-token':
        return this.#byRefreshToken();
      case 'pages':
        return renewByPages({ ...attempt, pageUserAgent: this.#session.userAgent }, this.#jar, loginUrl);
    }
  }

  async #byRefreshToken(): Promise<NewSecrets> {
    const { attempt, claims } = this.#place;
    const tokens = await this.#refreshed(claims);
    const made = await nativeSession(attempt, tokens.accessToken, this.#jar);
    if (made.claims === null) return { tokens, jar: made.jar };
    // Once: whoever misses a claim still after that has to see a person.
    const richer = await this.#refreshed(made.claims);
    return { tokens: richer, jar: (await nativeSession(attempt, richer.accessToken, this.#jar)).jar };
  }

  /** Rotation: the newest token is on disk before anything is done with it (protocol notes 1h). */
  async #refreshed(claims: string | null): Promise<StoredTokens> {
    const tokens = await this.#newerTokens(claims);
    await this.#keep({ ...this.#session, tokens });
    return tokens;
  }

  /** Rotation does not revoke the older token: it serves once more when the newer one never proved itself. */
  async #newerTokens(claims: string | null): Promise<StoredTokens> {
    const { attempt } = this.#place;
    const held = this.#session.tokens;
    try {
      return await refreshTokens(attempt, this.#session, claims);
    } catch (error) {
      if (!held?.previousRefreshToken || recourseOf(error) !== 'person') throw error;
      const spare = { ...held, refreshToken: held.previousRefreshToken, previousRefreshToken: null };
      return refreshTokens(attempt, { ...this.#session, tokens: spare }, claims);
    }
  }

  /** Throws when policy stands in the way; without an answer the session gets the benefit of the doubt. */
  async #isAlive({ jar, tokens }: NewSecrets): Promise<boolean> {
    const { attempt } = this.#place;
    const signing = { site: attempt.site, jar, tokens: tokens ?? null, userAgent: this.#session.userAgent };
    const signed = signatureFor(cookieUrl(attempt.site), signing, attempt.clock.now());
    const found = await preFlight(attempt, signed.headers).catch(() => null);
    if (found?.kind !== 'dead') return true;
    if (found.davError === POLICY_ERROR) throw new SignInError('policy-blocked', POLICY_BLOCKED);
    return false;
  }

  /** So that the same secret is never sent again, not even after a restart. */
  async #remember(error: unknown, fingerprint: string): Promise<void> {
    if (!(error instanceof SignInError) || recourseOf(error) === 'later') return;
    const refusal = {
      fingerprint,
      kind: error.kind,
      message: error.message,
      at: this.#place.attempt.clock.now(),
    };
    const refusals = [...this.#session.refusals, refusal].slice(-MAX_REFUSALS);
    await this.#keep({ ...this.#session, refusals });
  }

  /** A full disk must not end a session that is good: it then lives in memory until the next save. */
  async #keep(session: StoredSession): Promise<void> {
    const { vault, attempt } = this.#place;
    this.#session = { ...session, generation: this.#session.generation + 1 };
    await vault.save(this.#session).catch((error: unknown) => {
      attempt.log.warn({ error }, 'the renewed sign-in could not be saved');
    });
  }
}

function nothingLeft({ method }: StoredSession): string {
  if (method === 'cookies')
    return 'the cookies have ended and can not renew themselves: run "odbfs login" with new ones';
  if (method === 'password') return 'the session has ended and no password was kept: run "odbfs login"';
  return 'the sign-in has ended: run "odbfs login"';
}
