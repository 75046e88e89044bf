/**
 * The sign-in to a generic WebDAV server while it is in use. A password that was refused is not sent again: the state is
 * `signed-out` until somebody signs in anew.
 */
import { DriveError } from '../../../drive/index.js';
import type { Authenticator, Challenge, SessionStamp, SignedHeaders } from '../../http/authenticator.js';
import type { PasswordAttempt } from '../methods/password-breaker.js';
import type { AuthListener, AuthStatus } from '../session/held-session.js';
import { type SessionPlace, type SessionPlaceOptions, sessionPlace } from '../session-place.js';
import { SignInError } from '../sign-in-error.js';
import type { StoredSession } from '../store/stored-session.js';
import { basicHeader } from './basic-header.js';

const NOBODY = 'nobody has signed in yet: run "odbfs login"';
const REFUSED = 'the server refuses the user name or the password';
/** How often another process's sign-in is looked for. */
const LOOK_EVERY_MS = 30_000;

export class BasicSession implements Authenticator {
  readonly #place: SessionPlace;
  readonly #listeners = new Set<AuthListener>();
  #stored: StoredSession | null = null;
  #message: string | null = NOBODY;
  #stamp: SessionStamp = 0;
  #revision: string | null = null;

  private constructor(place: SessionPlace) {
    this.#place = place;
  }

  static async open(options: SessionPlaceOptions): Promise<BasicSession> {
    const session = new BasicSession(sessionPlace(options));
    await session.reload();
    return session;
  }

  async apply(url: URL): Promise<SignedHeaders> {
    const { username, password } = this.#stored ?? {};
    if (this.#message !== null || !username || !password)
      throw new DriveError('signed-out', this.#message ?? NOBODY);
    const isOurs = url.origin === this.#place.site.origin;
    return { headers: isOurs ? basicHeader({ username, password }) : {}, stamp: this.#stamp, bearer: false };
  }

  async rejected(_challenge: Challenge, stamp: SessionStamp, signal: AbortSignal): Promise<void> {
    if (stamp !== this.#stamp) return;
    const isNews = this.#message === null;
    this.#tell(REFUSED);
    const sent = this.#sent;
    if (isNews && sent) await this.#place.passwords.noteWrong(sent, { clock: this.#place.clock, signal });
    throw new DriveError('signed-out', REFUSED);
  }

  absorb(): void {
    // A password needs no cookies.
  }

  status(): AuthStatus {
    const renewedAt = this.#stored === null ? null : new Date(this.#stored.signedInAt).toISOString();
    const state = this.#message === null ? 'ok' : 'signed-out';
    return { state, method: 'password', expiresAt: null, renewedAt, message: this.#message };
  }

  subscribe(listener: AuthListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async reload(): Promise<void> {
    this.#revision = await this.#place.vault.revision();
    try {
      const stored = await this.#place.vault.load();
      if (stored?.signedIn && stored.generation === this.#stored?.generation) return;
      this.#stored = stored?.signedIn ? stored : null;
      this.#stamp += 1;
      this.#tell(this.#stored === null ? NOBODY : await this.#knownFault());
    } catch (error) {
      if (!(error instanceof SignInError)) throw error;
      if (this.#stored === null) this.#tell(error.message);
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#place.clock.sleep(LOOK_EVERY_MS, signal);
      if ((await this.#place.vault.revision()) !== this.#revision) await this.reload();
    }
  }

  async checkSession(signal: AbortSignal): Promise<AuthStatus> {
    if (this.#message !== null) throw new SignInError('person-needed', this.#message);
    const url = new URL(`${this.#place.site.webUrl}/`);
    const { headers } = await this.apply(url);
    const { passwords, client, clock } = this.#place;
    await passwords.guard(this.#sent!, { clock, signal }, async () => {
      const { status } = await client.send({ url, headers, once: true, signal });
      if (status !== 401) return;
      this.#tell(REFUSED);
      throw new SignInError('wrong-password', REFUSED);
    });
    return this.status();
  }

  async freshCookieLine(_signal: AbortSignal): Promise<string> {
    throw new SignInError('unavailable', 'this account signs in by its password and has no cookies to give');
  }

  close(): void {
    this.#listeners.clear();
  }

  get #sent(): PasswordAttempt | null {
    const { username, password } = this.#stored ?? {};
    return username && password ? { username, password, host: new URL(this.#place.site.origin).host } : null;
  }

  /** What another process learnt of this password. */
  async #knownFault(): Promise<string | null> {
    const { passwords, clock } = this.#place;
    const sent = this.#sent;
    const isWrong = sent !== null && (await passwords.isKnownWrong(sent, clock));
    return isWrong ? REFUSED : null;
  }

  #tell(message: string | null): void {
    if (message === this.#message) return;
    this.#message = message;
    for (const listener of [...this.#listeners]) listener(this.status());
  }
}
