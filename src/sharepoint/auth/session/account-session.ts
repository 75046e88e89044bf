/**
 * The sign-in of one account while it is in use: signs requests, renews in the background and on refusal, and says where
 * it stands. Whoever is refused waits for one shared renewal. Repeating requests, showing the state to a person and
 * signing in anew are left to others.
 */
import { DriveError } from '../../../drive/index.js';
import type { Authenticator, Challenge, SessionStamp, SignedHeaders } from '../../http/authenticator.js';
import { AccountJar } from '../account-jar.js';
import type { Attempt } from '../attempt.js';
import { claimsIn } from '../oauth/claims-challenge.js';
import { preFlight } from '../pre-flight.js';
import { refusalOf, renewingSecret } from '../renewals/strategy.js';
import { cookieUrl } from '../session-cookies.js';
import type { SessionPlace } from '../session-place.js';
import { recourseOf, SignInError } from '../sign-in-error.js';
import { cookieLine, type Signing, signatureFor } from '../signed-headers.js';
import type { StoredSession } from '../store/stored-session.js';
import { absorbCookies } from './absorb-cookies.js';
import { messageOf } from './auth-state.js';
import { CookieRefresher } from './cookie-refresher.js';
import { type AuthListener, type AuthStatus, HeldSession, NOBODY } from './held-session.js';
import { PolicySuspicion } from './policy-suspicion.js';
import { MINUTE_MS, RefusalFlood } from './refusal-flood.js';
import { POLICY_BLOCKED, renewOnce } from './renew-once.js';
import { asSignInError, driveErrorFor } from './session-errors.js';
import { SessionFile } from './session-file.js';
import { SiblingHosts } from './sibling-hosts.js';

/** Requests that meet a session in need of renewal wait so long for a renewal that failed before; then they fail. */
const STALE_PATIENCE_MS = 3_000;

/** Other programs are given a line that lives so long. */
const LINE_LIFE_MS = 3_600_000;

const EVENT_AFTER_FAILURE = { later: 'delayed', person: 'person-needed', never: 'policy-blocked' } as const;

export class AccountSession implements Authenticator {
  readonly #place: SessionPlace;
  readonly #held: HeldSession;
  readonly #file: SessionFile;
  readonly #refresher: CookieRefresher;
  readonly #siblings: SiblingHosts;
  readonly #suspicion = new PolicySuspicion();
  readonly #flood: RefusalFlood;
  #claims: string | null = null;

  constructor(place: SessionPlace) {
    this.#place = place;
    this.#held = new HeldSession(place.clock, place.random);
    this.#file = new SessionFile(place.vault, place.clock, place.lookEveryMs);
    this.#flood = new RefusalFlood(place.clock);
    this.#siblings = new SiblingHosts(this.#held, (signal) => this.#attempt(signal));
    this.#refresher = new CookieRefresher({
      clock: place.clock,
      log: place.log,
      random: place.random,
      lookEveryMs: place.lookEveryMs,
      dueAt: () => this.#held.dueAt(),
      renew: (signal) => this.#renew(signal),
      lookAround: () => this.#lookAround(),
    });
  }

  async apply(url: URL, signal: AbortSignal): Promise<SignedHeaders> {
    const { site, clock } = this.#place;
    if (!site.owns(url)) return { headers: {}, stamp: this.#held.stamp, bearer: false };
    await this.#ready(signal);
    if (site.isSibling(url)) await this.#siblings.ensure(url, signal);
    return { ...signatureFor(url, this.#signing, clock.now()), stamp: this.#held.stamp };
  }

  async rejected(challenge: Challenge, stamp: SessionStamp, signal: AbortSignal): Promise<void> {
    if (stamp !== this.#held.stamp) return this.#ready(signal);
    if (this.#place.site.isSibling(challenge.url))
      return this.#siblings.refused(challenge.url, stamp, signal);
    this.#claims = claimsIn(challenge.wwwAuthenticate);
    const isPolicy = await this.#isPolicy(challenge, stamp, signal);
    // A 401 that says nothing comes and goes (protocol notes 5.2.9): the session may be as good as ever.
    if (challenge.kind === 'bare' && (await this.#isAlive(signal).catch(() => false))) return;
    if (stamp !== this.#held.stamp) return this.#ready(signal);
    if (isPolicy) this.#held.dispatch({ type: 'policy-blocked', message: POLICY_BLOCKED });
    else this.#lapse('the server refused the session');
    this.#throwIfOver();
    this.#assertNotFlooding(challenge.url, stamp);
    await this.#renewShared(signal);
    this.#suspicion.noteReplacement(challenge, this.#held.stamp);
  }

  accepted(url: URL, stamp: SessionStamp): void {
    this.#flood.noteTaken(url, stamp);
  }

  absorb(url: URL, setCookies: readonly string[]): void {
    const { site, clock, client } = this.#place;
    if (!site.owns(url) || this.#held.stored === null) return;
    const skewMs = client.skewMs(site.origin);
    const taken = absorbCookies({ jar: this.#held.jar, site, nowMs: clock.now(), skewMs }, url, setCookies);
    if (taken === 'nothing') return;
    this.#held.replaceJar(taken.jar, taken.expiresAt ?? this.#held.stored.expiresAt);
  }

  /** Reads the sealed sign-in. Never throws: whatever is wrong with it becomes the state `signed-out`. */
  async open(): Promise<void> {
    await this.reload();
    if (this.#held.hasEnded) this.#lapse('the session has ended');
  }

  /** The keeper: renews until `signal` fires. */
  run(signal: AbortSignal): Promise<void> {
    return this.#refresher.run(signal);
  }

  /** The machine woke up or the network came back: looks at once, and forgets earlier failures. */
  wake(): void {
    this.#refresher.wake();
  }

  /** Takes over what another process (`odbfs login`) has written, so that a running mount heals. */
  async reload(): Promise<void> {
    const found = await this.#file.read();
    if (found.kind === 'session') this.#takeOver(found.stored);
    else if (found.kind === 'nobody') this.#held.drop(NOBODY);
    // What we hold in memory is good; only with nothing in hand does it matter that the file can't be read.
    else if (this.#held.stored === null) this.#held.drop(found.message);
  }

  status(): AuthStatus {
    return this.#held.status();
  }

  /** Called once for every change of what `status` says. The returned function ends it. */
  subscribe(listener: AuthListener): () => void {
    return this.#held.subscribe(listener);
  }

  /** `FedAuth=…; rtFa=…`, good for an hour where sessions live that long. Throws SignInError. */
  async freshCookieLine(signal: AbortSignal): Promise<string> {
    await asSignInError(async () => {
      await this.#ready(signal);
      if (this.#livesBelow(LINE_LIFE_MS)) await this.#renewShared(signal);
      // Without a network nobody can use it anyway.
      else await this.#assureAlive(signal, () => true);
    });
    const line = cookieLine(cookieUrl(this.#place.site), this.#held.jar);
    if (line !== null) return line;
    throw new SignInError(
      'unavailable',
      'this sign-in works by tokens and has no cookies to give: use "--method browser"',
    );
  }

  /** Asks the server whether the session is good, renewing it if need be. Throws SignInError when it is not. */
  async checkSession(signal: AbortSignal): Promise<AuthStatus> {
    await asSignInError(async () => {
      await this.#ready(signal);
      await this.#assureAlive(signal, rethrow);
    });
    return this.status();
  }

  close(): void {
    this.#refresher.close();
  }

  async #assureAlive(signal: AbortSignal, unreachable: (error: unknown) => boolean): Promise<void> {
    if (await this.#isAlive(signal).catch(unreachable)) return;
    this.#lapse('the server refused the session');
    await this.#renewShared(signal);
  }

  /** Waits until the session can be used; throws DriveError at once when it can't. */
  async #ready(signal: AbortSignal): Promise<void> {
    if (this.#held.hasEnded) this.#lapse('the session has ended');
    this.#throwIfOver();
    const { state } = this.#held;
    if (state.name === 'ok' || (state.name === 'renewing' && state.usable)) return;
    if (state.name !== 'stale') return this.#renewShared(signal);
    if (this.#refresher.isPausing) throw new DriveError('signed-out', state.message);
    await this.#renewShared(AbortSignal.any([signal, AbortSignal.timeout(STALE_PATIENCE_MS)])).catch(
      (error) => {
        signal.throwIfAborted();
        throw error instanceof DriveError ? error : new DriveError('signed-out', state.message);
      },
    );
  }

  #throwIfOver(): void {
    const { state } = this.#held;
    if (state.name === 'blocked') throw new DriveError('denied', state.message);
    if (state.name === 'signed-out') throw new DriveError('signed-out', state.message);
  }

  async #renewShared(signal: AbortSignal): Promise<void> {
    try {
      await this.#refresher.renew(signal);
    } catch (error) {
      signal.throwIfAborted();
      throw driveErrorFor(error);
    }
  }

  async #renew(signal: AbortSignal): Promise<void> {
    const stored = this.#held.stored;
    if (stored === null) throw new SignInError('person-needed', NOBODY);
    if (this.#held.hasEnded) this.#lapse('the session has ended');
    this.#held.dispatch({ type: 'renewal-started' });
    try {
      const { vault, lockPath } = this.#place;
      const place = { vault, lockPath, attempt: this.#attempt(signal), claims: this.#claims };
      const renewed = await renewOnce(stored, place);
      this.#claims = null;
      this.#held.adopt(renewed, 'renewed');
      await this.#file.noteOwnWriting();
      this.#place.log.info({ expiresAt: this.status().expiresAt }, 'signed in silently');
    } catch (error) {
      this.#failed(error);
      await this.reload();
      throw error;
    }
  }

  #takeOver(stored: StoredSession): void {
    if (stored.generation === this.#held.stored?.generation) return;
    const secret = renewingSecret(stored, new AccountJar(this.#place.clock, stored.jar), this.#place.site);
    const refusal = secret && refusalOf(stored, secret.fingerprint);
    if (refusal && this.#held.stored) {
      this.#held.note(stored);
      return;
    }
    this.#held.adopt(stored, 'signed-in');
    if (refusal) this.#held.dispatch({ type: 'person-needed', message: refusal.message });
    this.#suspicion.clear();
    this.#refresher.wake();
  }

  #failed(error: unknown): void {
    const message = error instanceof SignInError ? error.message : 'the renewal failed';
    this.#held.dispatch({ type: EVENT_AFTER_FAILURE[recourseOf(error)], message });
  }

  #lapse(message: string): void {
    if (!this.#held.hasEnded) this.#held.learnLife();
    this.#held.dispatch({ type: 'lapsed', message });
  }

  #isPolicy(challenge: Challenge, stamp: SessionStamp, signal: AbortSignal): Promise<boolean> {
    const cameToItsEnd = this.#held.hasEnded || this.#flood.wasTaken(challenge.url, stamp);
    if (cameToItsEnd) return Promise.resolve(false);
    return this.#suspicion.isPolicy(challenge, stamp, () => this.#isAlive(signal));
  }

  async #isAlive(signal: AbortSignal): Promise<boolean> {
    const { site, clock } = this.#place;
    const url = new URL(`${site.webUrl}/_api/`);
    const { headers } = signatureFor(url, this.#signing, clock.now());
    const found = await preFlight(this.#attempt(signal), headers);
    // A dead session and a missing permission look alike at 403: a renewal tells them apart.
    return found.kind === 'alive' || found.kind === 'no-site';
  }

  #assertNotFlooding(url: URL, stamp: SessionStamp): void {
    if (this.#refresher.isRenewing || !this.#flood.isTooMany(url, stamp)) return;
    this.#refresher.postpone(MINUTE_MS);
    throw new DriveError('signed-out', 'the server refuses every new session: trying again in a minute');
  }

  #livesBelow(lifeMs: number): boolean {
    const { stored } = this.#held;
    const now = this.#place.clock.now();
    if (stored === null) return true;
    const expiresAt = stored.expiresAt ?? stored.renewedAt + (stored.measuredLifeMs ?? 8 * lifeMs);
    return expiresAt - now < lifeMs && now - stored.renewedAt > MINUTE_MS;
  }

  async #lookAround(): Promise<void> {
    if (this.#refresher.isRenewing) return;
    if (this.#held.hasEnded && messageOf(this.#held.state) !== null) this.#lapse('the session has ended');
    if (await this.#file.isWorthReading()) await this.reload();
    this.#recover();
  }

  /** A clock that was wrong, and is right again, may have ended a session that lives; nobody has refused it. */
  #recover(): void {
    const { stored, state, hasEnded } = this.#held;
    if (state.name !== 'signed-out' || stored === null || hasEnded) return;
    const { clock, site } = this.#place;
    const secret = renewingSecret(stored, new AccountJar(clock, stored.jar), site);
    if (secret !== null && refusalOf(stored, secret.fingerprint) === null)
      this.#held.adopt(stored, 'signed-in');
  }

  get #signing(): Signing {
    const { jar, stored } = this.#held;
    return {
      site: this.#place.site,
      jar,
      tokens: stored?.tokens ?? null,
      userAgent: stored?.userAgent ?? null,
    };
  }

  #attempt(signal: AbortSignal): Attempt {
    return { ...this.#place, signal };
  }
}

function rethrow(error: unknown): never {
  throw error;
}
