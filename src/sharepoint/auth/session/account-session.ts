/**
 * The sign-in of one account while it is in use: signs requests, renews in the background and on refusal, and says where
 * it stands. Whoever is refused waits for one shared renewal. Repeating requests, showing the state to a person and
 * signing in anew are left to others.
 */
import type { Clock, Log } from '../../../base/index.js';
import { DriveError } from '../../../drive/index.js';
import type { Authenticator, Challenge, SessionStamp, SignedHeaders } from '../../http/authenticator.js';
import { AccountJar } from '../account-jar.js';
import type { Attempt } from '../attempt.js';
import type { LoginClient } from '../login-client.js';
import { claimsIn } from '../oauth/claims-challenge.js';
import { POLICY_ERROR, preFlight } from '../pre-flight.js';
import { refusalOf, renewingSecret } from '../renewals/strategy.js';
import { cookieUrl } from '../session-cookies.js';
import { recourseOf, SignInError } from '../sign-in-error.js';
import { cookieLine, signatureFor } from '../signed-headers.js';
import type { SiteAddress } from '../site-address.js';
import type { SessionVault } from '../store/session-vault.js';
import type { StoredSession } from '../store/stored-session.js';
import { absorbCookies } from './absorb-cookies.js';
import { messageOf } from './auth-state.js';
import { CookieRefresher } from './cookie-refresher.js';
import { type AuthListener, type AuthStatus, HeldSession, NOBODY } from './held-session.js';
import { POLICY_BLOCKED, renewOnce } from './renew-once.js';
import { asSignInError, driveErrorFor } from './session-errors.js';
import { SessionFile } from './session-file.js';
import { SiblingHosts } from './sibling-hosts.js';

export interface AccountSessionParts {
  readonly site: SiteAddress;
  readonly vault: SessionVault;
  readonly lockPath: string | null;
  readonly client: LoginClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly userAgent: string;
  /** In [0, 1). */
  readonly random: () => number;
  /** How often the keeper looks at the clock and at the sealed file. */
  readonly lookEveryMs: number;
}

/** Requests that meet a session in need of renewal wait so long for a renewal that failed before; then they fail. */
const STALE_PATIENCE_MS = 3_000;

/** Other programs are given a line that lives so long. */
const LINE_LIFE_MS = 3_600_000;

/** More renewals on refusal than this in a minute are a server that refuses whatever it gives out. */
const MAX_REFUSALS_PER_MINUTE = 10;
const MINUTE_MS = 60_000;

const EVENT_AFTER_FAILURE = { later: 'delayed', person: 'person-needed', never: 'policy-blocked' } as const;

export class AccountSession implements Authenticator {
  readonly #parts: AccountSessionParts;
  readonly #held: HeldSession;
  readonly #file: SessionFile;
  readonly #refresher: CookieRefresher;
  readonly #siblings: SiblingHosts;
  #claims: string | null = null;
  #doubt: Promise<boolean> | null = null;
  /** The session that replaced one which was refused with the code that policy shares: its stamp. */
  #suspectStamp: SessionStamp | null = null;
  #refusedAt: number[] = [];

  constructor(parts: AccountSessionParts) {
    this.#parts = parts;
    this.#held = new HeldSession(parts.clock, parts.random);
    this.#file = new SessionFile(parts.vault, parts.clock, parts.lookEveryMs);
    this.#siblings = new SiblingHosts(this.#held, (signal) => this.#attempt(signal));
    this.#refresher = new CookieRefresher({
      clock: parts.clock,
      log: parts.log,
      random: parts.random,
      lookEveryMs: parts.lookEveryMs,
      dueAt: () => this.#held.dueAt(),
      renew: (signal) => this.#renew(signal),
      lookAround: () => this.#lookAround(),
    });
  }

  async apply(url: URL, signal: AbortSignal): Promise<SignedHeaders> {
    const { site, clock } = this.#parts;
    if (!site.owns(url)) return { headers: {}, stamp: this.#held.stamp, bearer: false };
    await this.#ready(signal);
    if (site.isSibling(url)) await this.#siblings.ensure(url, signal);
    const { jar, stored, stamp } = this.#held;
    const signing = { site, jar, tokens: stored?.tokens ?? null, userAgent: stored?.userAgent ?? null };
    return { ...signatureFor(url, signing, clock.now()), stamp };
  }

  async rejected(challenge: Challenge, stamp: SessionStamp, signal: AbortSignal): Promise<void> {
    if (stamp !== this.#held.stamp) return this.#ready(signal);
    if (this.#parts.site.isSibling(challenge.url))
      return this.#siblings.refused(challenge.url, stamp, signal);
    this.#claims = claimsIn(challenge.wwwAuthenticate);
    const isPolicy = await this.#isPolicy(challenge, stamp, signal);
    if (stamp !== this.#held.stamp) return this.#ready(signal);
    if (isPolicy) this.#held.dispatch({ type: 'policy-blocked', message: POLICY_BLOCKED });
    else this.#lapse('the server refused the session');
    this.#throwIfOver();
    this.#assertNotFlooding();
    await this.#renewShared(signal);
    if (challenge.davError === POLICY_ERROR) this.#suspectStamp = this.#held.stamp;
  }

  absorb(url: URL, setCookies: readonly string[]): void {
    const { site, clock, client } = this.#parts;
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
    });
    const line = cookieLine(cookieUrl(this.#parts.site), this.#held.jar);
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
      if (await this.#isAlive(signal)) return;
      this.#lapse('the server refused the session');
      await this.#renewShared(signal);
    });
    return this.status();
  }

  close(): void {
    this.#refresher.close();
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
      const { vault, lockPath } = this.#parts;
      const place = { vault, lockPath, attempt: this.#attempt(signal), claims: this.#claims };
      const renewed = await renewOnce(stored, place);
      this.#claims = null;
      this.#held.adopt(renewed, 'renewed');
      await this.#file.noteOwnWriting();
      this.#parts.log.info({ expiresAt: this.status().expiresAt }, 'signed in silently');
    } catch (error) {
      this.#failed(error);
      await this.reload();
      throw error;
    }
  }

  #takeOver(stored: StoredSession): void {
    if (stored.generation === this.#held.stored?.generation) return;
    const secret = renewingSecret(stored, new AccountJar(this.#parts.clock, stored.jar), this.#parts.site);
    const refusal = secret && refusalOf(stored, secret.fingerprint);
    if (refusal && this.#held.stored) {
      this.#held.note(stored);
      return;
    }
    this.#held.adopt(stored, 'signed-in');
    if (refusal) this.#held.dispatch({ type: 'person-needed', message: refusal.message });
    this.#suspectStamp = null;
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

  /**
   * 917656 means "no session" and "policy" alike (protocol notes 2.9). It is policy when a session that was made because
   * of it is refused in the same way although it has not ended and the site knows it well.
   */
  #isPolicy(challenge: Challenge, stamp: SessionStamp, signal: AbortSignal): Promise<boolean> {
    const isSuspect =
      challenge.davError === POLICY_ERROR && stamp === this.#suspectStamp && !this.#held.hasEnded;
    if (!isSuspect) return Promise.resolve(false);
    this.#doubt ??= this.#isAlive(signal)
      .catch(() => false)
      .finally(() => {
        this.#doubt = null;
      });
    return this.#doubt;
  }

  async #isAlive(signal: AbortSignal): Promise<boolean> {
    const { site, clock } = this.#parts;
    const { jar, stored } = this.#held;
    const url = new URL(`${site.webUrl}/_api/`);
    const signing = { site, jar, tokens: stored?.tokens ?? null, userAgent: stored?.userAgent ?? null };
    const found = await preFlight(this.#attempt(signal), signatureFor(url, signing, clock.now()).headers);
    // A dead session and a missing permission look alike at 403: a renewal tells them apart.
    return found.kind === 'alive' || found.kind === 'no-site';
  }

  #assertNotFlooding(): void {
    const now = this.#parts.clock.monotonic();
    if (this.#refresher.isRenewing) return;
    this.#refusedAt = [...this.#refusedAt.filter((at) => now - at < MINUTE_MS), now];
    if (this.#refusedAt.length <= MAX_REFUSALS_PER_MINUTE) return;
    this.#refresher.postpone(MINUTE_MS);
    throw new DriveError('signed-out', 'the server refuses every new session: trying again in a minute');
  }

  #livesBelow(lifeMs: number): boolean {
    const { stored } = this.#held;
    const now = this.#parts.clock.now();
    if (stored === null) return true;
    const expiresAt = stored.expiresAt ?? stored.renewedAt + (stored.measuredLifeMs ?? 8 * lifeMs);
    return expiresAt - now < lifeMs && now - stored.renewedAt > MINUTE_MS;
  }

  async #lookAround(): Promise<void> {
    if (this.#refresher.isRenewing) return;
    if (this.#held.hasEnded && messageOf(this.#held.state) !== null) this.#lapse('the session has ended');
    if (await this.#file.isWorthReading()) await this.reload();
  }

  #attempt(signal: AbortSignal): Attempt {
    const { site, client, clock, log, userAgent } = this.#parts;
    return { site, client, clock, log, userAgent, signal };
  }
}
