/**
 * The sign-in of one account while it is in use: signs requests, renews in the background and on refusal, and says where
 * it stands. Whoever is refused waits for one shared renewal. Repeating requests, showing the state to a person and
 * signing in anew are left to others.
 */
import { DriveError } from '../../../drive/index.js';
import type { Authenticator, Challenge, SessionStamp, SignedHeaders } from '../../http/authenticator.js';
import { claimsIn } from '../oauth/claims-challenge.js';
import { cookieUrl } from '../session-cookies.js';
import type { SessionPlace } from '../session-place.js';
import { SignInError } from '../sign-in-error.js';
import { cookieLine, signatureFor } from '../signed-headers.js';
import { absorbCookies } from './absorb-cookies.js';
import type { AuthListener, AuthStatus } from './held-session.js';
import { PolicySuspicion } from './policy-suspicion.js';
import { MINUTE_MS, RefusalFlood } from './refusal-flood.js';
import { POLICY_BLOCKED } from './renew-once.js';
import { asSignInError } from './session-errors.js';
import { SessionKeeper } from './session-keeper.js';
import { SiblingHosts } from './sibling-hosts.js';

/** Other programs are given a line that lives so long. */
const LINE_LIFE_MS = 3_600_000;
/** A question whether a session lives is answered by then, or counts as denied. */
const QUESTION_MS = 10_000;
/** A renewal that was on its way already may have tried its session before all of them were ended. */
const RENEWALS_PER_QUESTION = 2;

export class AccountSession implements Authenticator {
  readonly #place: SessionPlace;
  readonly #keeper: SessionKeeper;
  readonly #siblings: SiblingHosts;
  readonly #suspicion = new PolicySuspicion();
  readonly #flood: RefusalFlood;
  #asking: Promise<boolean> | null = null;

  constructor(place: SessionPlace) {
    this.#place = place;
    this.#keeper = new SessionKeeper(place, () => this.#suspicion.clear());
    this.#siblings = new SiblingHosts(this.#keeper.held, (signal) => this.#keeper.attempt(signal));
    this.#flood = new RefusalFlood(place.clock);
  }

  async apply(url: URL, signal: AbortSignal): Promise<SignedHeaders> {
    const { site, clock } = this.#place;
    if (!site.owns(url)) return { headers: {}, stamp: this.#keeper.held.stamp, bearer: false };
    await this.#keeper.ready(signal);
    if (site.isSibling(url)) await this.#siblings.ensure(url, signal);
    return { ...signatureFor(url, this.#keeper.signing, clock.now()), stamp: this.#keeper.held.stamp };
  }

  async rejected(challenge: Challenge, stamp: SessionStamp, signal: AbortSignal): Promise<void> {
    if (stamp !== this.#keeper.held.stamp) return this.#keeper.ready(signal);
    if (this.#place.site.isSibling(challenge.url))
      return this.#siblings.refused(challenge.url, stamp, signal);
    this.#keeper.claims = claimsIn(challenge.wwwAuthenticate);
    const isPolicy = await this.#isPolicy(challenge, stamp, signal);
    // A 401 that says nothing comes and goes (protocol notes 5.2.9): the session may be as good as ever.
    if (challenge.kind === 'bare' && (await this.#keeper.isAlive(signal).catch(() => false))) return;
    // So does a way to the sign-in page that one request is shown, and a session without a successor hangs on it.
    if (challenge.kind === 'redirect' && (await this.#isCookieAlive(signal))) return;
    if (stamp !== this.#keeper.held.stamp) return this.#keeper.ready(signal);
    if (isPolicy) this.#keeper.held.dispatch({ type: 'policy-blocked', message: POLICY_BLOCKED });
    else this.#keeper.lapse('the server refused the session');
    this.#keeper.throwIfOver();
    this.#assertNotFlooding(challenge.url, stamp);
    await this.#keeper.renewShared(signal);
    this.#suspicion.noteReplacement(challenge, this.#keeper.held.stamp);
    this.#flood.noteReplacement(challenge.url, this.#keeper.held.stamp);
  }

  /** One question for all who were sent away at the same time. */
  async #isCookieAlive(signal: AbortSignal): Promise<boolean> {
    // not bound to the first asker's signal: others wait for the same answer
    this.#asking ??= this.#keeper.isAlive(AbortSignal.timeout(QUESTION_MS), 'cookie').finally(() => {
      this.#asking = null;
    });
    const alive = await this.#asking.catch(() => false);
    signal.throwIfAborted();
    return alive;
  }

  accepted(url: URL, stamp: SessionStamp): void {
    this.#flood.noteTaken(url, stamp);
  }

  absorb(url: URL, setCookies: readonly string[]): void {
    const { site, clock, client } = this.#place;
    if (!site.owns(url) || this.#keeper.held.stored === null) return;
    const skewMs = client.skewMs(site.origin);
    const taken = absorbCookies(
      { jar: this.#keeper.held.jar, site, nowMs: clock.now(), skewMs },
      url,
      setCookies,
    );
    if (taken === 'nothing') return;
    this.#keeper.held.replaceJar(taken.jar, taken.expiresAt ?? this.#keeper.held.stored.expiresAt);
  }

  /** Reads the sealed sign-in. Never throws: whatever is wrong with it becomes the state `signed-out`. */
  async open(): Promise<void> {
    await this.#keeper.reload();
    if (this.#keeper.held.hasEnded) this.#keeper.lapse('the session has ended');
  }

  /** The keeper: renews until `signal` fires. */
  run(signal: AbortSignal): Promise<void> {
    return this.#keeper.refresher.run(signal);
  }

  /** The machine woke up or the network came back: looks at once, and forgets earlier failures. */
  wake(): void {
    this.#keeper.refresher.wake();
  }

  /** Takes over what another process (`odbfs login`) has written, so that a running mount heals. */
  reload(): Promise<void> {
    return this.#keeper.reload();
  }

  status(): AuthStatus {
    return this.#keeper.held.status();
  }

  /** Called once for every change of what `status` says. The returned function ends it. */
  subscribe(listener: AuthListener): () => void {
    return this.#keeper.held.subscribe(listener);
  }

  /** `FedAuth=…; rtFa=…`, good for an hour where sessions live that long. Throws SignInError. */
  async freshCookieLine(signal: AbortSignal): Promise<string> {
    await asSignInError(async () => {
      await this.#keeper.ready(signal);
      if (this.#livesBelow(LINE_LIFE_MS)) await this.#keeper.renewShared(signal);
      // Without a network nobody can use it anyway.
      await this.#assureAlive(signal, () => this.#keeper.isAlive(signal, 'cookie').catch(() => true));
    });
    const line = this.#cookieLine;
    if (line !== null) return line;
    throw new SignInError(
      'unavailable',
      'this sign-in works by tokens and has no cookies to give: use "--method browser"',
    );
  }

  /** Asks the server whether the session is good, renewing it if need be. Throws SignInError when it is not. */
  async checkSession(signal: AbortSignal): Promise<AuthStatus> {
    await asSignInError(async () => {
      await this.#keeper.ready(signal);
      await this.#assureAlive(signal, () => this.#keeper.isAlive(signal));
    });
    return this.status();
  }

  get #cookieLine(): string | null {
    return cookieLine(cookieUrl(this.#place.site), this.#keeper.held.jar);
  }

  close(): void {
    this.#keeper.refresher.close();
  }

  async #assureAlive(signal: AbortSignal, isAlive: () => Promise<boolean>): Promise<void> {
    for (let renewals = 0; renewals < RENEWALS_PER_QUESTION; renewals += 1) {
      if (await isAlive()) return;
      this.#keeper.lapse('the server refused the session');
      await this.#keeper.renewShared(signal);
    }
  }

  #isPolicy(challenge: Challenge, stamp: SessionStamp, signal: AbortSignal): Promise<boolean> {
    const cameToItsEnd = this.#keeper.held.hasEnded || this.#flood.wasTaken(challenge.url, stamp);
    if (cameToItsEnd) return Promise.resolve(false);
    return this.#suspicion.isPolicy(challenge, stamp, () => this.#keeper.isAlive(signal));
  }

  #assertNotFlooding(url: URL, stamp: SessionStamp): void {
    if (this.#keeper.refresher.isRenewing || !this.#flood.isTooMany(url, stamp)) return;
    this.#keeper.refresher.postpone(MINUTE_MS);
    throw new DriveError('signed-out', 'the server refuses every new session: trying again in a minute');
  }

  #livesBelow(lifeMs: number): boolean {
    const { stored } = this.#keeper.held;
    const now = this.#place.clock.now();
    if (stored === null) return true;
    const expiresAt = stored.expiresAt ?? stored.renewedAt + (stored.measuredLifeMs ?? 8 * lifeMs);
    return expiresAt - now < lifeMs && now - stored.renewedAt > MINUTE_MS;
  }
}
