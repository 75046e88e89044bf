/**
 * What goes on behind a session in use: it takes over what other processes write, renews ahead of time and when asked,
 * and turns every outcome into the state that everybody sees. Signing requests and judging refusals are its user's.
 */
import { DriveError } from '../../../drive/index.js';
import { AccountJar } from '../account-jar.js';
import type { Attempt } from '../attempt.js';
import { preFlight } from '../pre-flight.js';
import { type RenewingSecret, refusalOf, renewingSecret } from '../renewals/strategy.js';
import type { SessionPlace } from '../session-place.js';
import { recourseOf, SignInError } from '../sign-in-error.js';
import { type Signing, signatureFor } from '../signed-headers.js';
import type { Refusal, StoredSession } from '../store/stored-session.js';
import { messageOf } from './auth-state.js';
import { CookieRefresher } from './cookie-refresher.js';
import { HeldSession, NOBODY } from './held-session.js';
import { keepLonger } from './keep-longer.js';
import { renewOnce } from './renew-once.js';
import { blocked, driveErrorFor } from './session-errors.js';
import { SessionFile } from './session-file.js';

/** Requests that meet a session in need of renewal wait so long for a renewal that failed before; then they fail. */
const STALE_PATIENCE_MS = 3_000;

const EVENT_AFTER_FAILURE = { later: 'delayed', person: 'person-needed', never: 'policy-blocked' } as const;

export class SessionKeeper {
  readonly held: HeldSession;
  readonly refresher: CookieRefresher;
  /** What the server said it misses in a token (`insufficient_claims`), as JSON. */
  claims: string | null = null;
  readonly #place: SessionPlace;
  readonly #file: SessionFile;
  readonly #onSignIn: () => void;

  /** `onSignIn`: a person has signed in, here or in another process. */
  constructor(place: SessionPlace, onSignIn: () => void) {
    this.#place = place;
    this.#onSignIn = onSignIn;
    this.held = new HeldSession(place.clock, place.random);
    this.#file = new SessionFile(place.vault, place.clock, place.lookEveryMs);
    this.refresher = new CookieRefresher({
      clock: place.clock,
      log: place.log,
      random: place.random,
      lookEveryMs: place.lookEveryMs,
      dueAt: () => this.held.dueAt(),
      renew: (signal) => this.#renew(signal),
      lookAround: () => this.#lookAround(),
    });
  }

  /** Takes over what another process (`odbfs login`) has written, so that a running mount heals. */
  async reload(): Promise<void> {
    const found = await this.#file.read();
    if (found.kind === 'session') this.#takeOver(found.stored);
    else if (found.kind === 'nobody') this.held.drop(NOBODY);
    // What we hold in memory is good; only with nothing in hand does it matter that the file can't be read.
    else if (this.held.stored === null) this.held.drop(found.message);
  }

  /** Waits until the session can be used; throws DriveError at once when it can't. */
  async ready(signal: AbortSignal): Promise<void> {
    if (this.held.hasEnded) this.lapse('the session has ended');
    this.throwIfOver();
    const { state } = this.held;
    if (state.name === 'ok' || (state.name === 'renewing' && state.usable)) return;
    if (state.name !== 'stale') return this.renewShared(signal);
    if (this.refresher.isPausing) throw delayed(state.message);
    await this.renewShared(AbortSignal.any([signal, AbortSignal.timeout(STALE_PATIENCE_MS)])).catch(
      (error) => {
        signal.throwIfAborted();
        throw error instanceof DriveError ? error : delayed(state.message);
      },
    );
  }

  throwIfOver(): void {
    const { state } = this.held;
    if (state.name === 'blocked') throw blocked(state.message);
    if (state.name === 'signed-out') throw new DriveError('signed-out', state.message);
  }

  async renewShared(signal: AbortSignal): Promise<void> {
    try {
      await this.refresher.renew(signal);
    } catch (error) {
      signal.throwIfAborted();
      throw driveErrorFor(error);
    }
  }

  async #renew(signal: AbortSignal): Promise<void> {
    const stored = this.held.stored;
    if (stored === null) throw new SignInError('person-needed', NOBODY);
    if (this.held.hasEnded) this.lapse('the session has ended');
    this.held.dispatch({ type: 'renewal-started' });
    try {
      const { vault, lockPath } = this.#place;
      const place = { vault, lockPath, attempt: this.attempt(signal), claims: this.claims };
      const renewed = await renewOnce(stored, place);
      this.claims = null;
      this.held.adopt(renewed, 'renewed');
      await this.#file.noteOwnWriting();
      this.#place.log.info({ expiresAt: this.held.status().expiresAt }, 'signed in silently');
    } catch (error) {
      this.#failed(error);
      await this.reload();
      throw error;
    }
  }

  #takeOver(stored: StoredSession): void {
    if (stored.generation === this.held.stored?.generation) return;
    const refusal = this.#knownRefusal(stored);
    if (refusal && this.held.stored) {
      this.held.note(stored);
      return;
    }
    this.held.adopt(stored, 'signed-in');
    if (refusal) this.held.dispatch({ type: 'person-needed', message: refusal.message });
    this.#onSignIn();
    this.refresher.wake();
  }

  #failed(error: unknown): void {
    const message = error instanceof SignInError ? error.message : 'the renewal failed';
    this.held.dispatch({ type: EVENT_AFTER_FAILURE[recourseOf(error)], message });
  }

  lapse(message: string): void {
    if (!this.held.hasEnded) this.held.learnLife();
    this.held.dispatch({ type: 'lapsed', message });
  }

  /** `by`: the cookie is asked about although a token would do for the question. */
  async isAlive(signal: AbortSignal, by: 'any' | 'cookie' = 'any'): Promise<boolean> {
    const { site, clock } = this.#place;
    const url = new URL(`${site.webUrl}/_api/`);
    const signing = by === 'cookie' ? { ...this.signing, tokens: null } : this.signing;
    const { headers } = signatureFor(url, signing, clock.now());
    const found = await preFlight(this.attempt(signal), headers);
    // A dead session and a missing permission look alike at 403: a renewal tells them apart.
    return found.kind === 'alive' || found.kind === 'no-site';
  }

  async #lookAround(): Promise<void> {
    if (this.refresher.isRenewing) return;
    if (this.held.hasEnded && messageOf(this.held.state) !== null) this.lapse('the session has ended');
    if (await this.#file.isWorthReading()) await this.reload();
    else if (this.held.isLonger) await this.#keepLonger();
    this.#recover();
  }

  /** What can't be written now is tried again at the next look. */
  async #keepLonger(): Promise<void> {
    try {
      const kept = await keepLonger(this.held, this.#place);
      if (kept === null) return;
      this.held.keptAs(kept);
      await this.#file.noteOwnWriting();
    } catch (error) {
      this.#place.log.debug({ error }, 'the longer session could not be saved');
    }
  }

  /** A clock that was wrong, and is right again, may have ended a session that lives; nobody has refused it. */
  #recover(): void {
    const { stored, state, hasEnded } = this.held;
    if (state.name !== 'signed-out' || stored === null || hasEnded) return;
    if (this.#canRenew(stored) && this.#knownRefusal(stored) === null) this.held.adopt(stored, 'signed-in');
  }

  #canRenew(stored: StoredSession): boolean {
    return this.#secretOf(stored) !== null;
  }

  /** That the secret at hand was refused before. */
  #knownRefusal(stored: StoredSession): Refusal | null {
    const secret = this.#secretOf(stored);
    return secret && refusalOf(stored, secret.fingerprint);
  }

  #secretOf(stored: StoredSession): RenewingSecret | null {
    const { clock, site } = this.#place;
    return renewingSecret(stored, new AccountJar(clock, stored.jar), site);
  }

  get signing(): Signing {
    const { jar, stored } = this.held;
    return {
      site: this.#place.site,
      jar,
      tokens: stored?.tokens ?? null,
      userAgent: stored?.userAgent ?? null,
    };
  }

  attempt(signal: AbortSignal): Attempt {
    return { ...this.#place, signal };
  }
}

/** Nobody is signed in, and nobody has to do anything about it: the cause tells this from a sign-in that is over. */
function delayed(message: string): DriveError {
  return new DriveError('signed-out', message, { cause: new SignInError('unreachable', message) });
}
