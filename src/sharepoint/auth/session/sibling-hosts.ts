/** Sessions on the other hosts of the tenant, made at first need from the account's own (protocol notes 1g, rtFa). */
import { KeyedLock } from '../../../base/index.js';
import { DriveError } from '../../../drive/index.js';
import type { SessionStamp } from '../../http/authenticator.js';
import type { Attempt } from '../attempt.js';
import { signInToSibling } from '../renewals/by-pages.js';
import { FED_AUTH, hasSession } from '../session-cookies.js';
import { recourseOf, SignInError } from '../sign-in-error.js';
import type { HeldSession } from './held-session.js';

export class SiblingHosts {
  readonly #held: HeldSession;
  readonly #attempt: (signal: AbortSignal) => Attempt;
  readonly #lock = new KeyedLock<string>();
  /** Hosts that wanted a person: not asked again with the same session. */
  readonly #refusedWith = new Map<string, SessionStamp>();

  constructor(held: HeldSession, attempt: (signal: AbortSignal) => Attempt) {
    this.#held = held;
    this.#attempt = attempt;
  }

  async ensure(url: URL, signal: AbortSignal): Promise<void> {
    if (hasSession(this.#held.jar, url)) return;
    // One key: all hosts share one jar, and two walks at once would spoil it.
    await this.#lock.run('walk', () => this.#signIn(url, signal));
  }

  async refused(url: URL, stamp: SessionStamp, signal: AbortSignal): Promise<void> {
    if (stamp === this.#held.stamp) {
      const jar = this.#held.jar.clone();
      jar.remove(({ name, domain }) => name === FED_AUTH && domain === url.hostname);
      this.#held.replaceJar(jar, this.#held.stored?.expiresAt ?? null);
    }
    await this.ensure(url, signal);
  }

  async #signIn(url: URL, signal: AbortSignal): Promise<void> {
    const { jar, stored } = this.#held;
    if (hasSession(jar, url) || stored === null) return;
    if (this.#refusedWith.get(url.origin) === stored.generation) throw denied(url);
    try {
      const next = await signInToSibling(this.#attempt(signal), jar, stored.loginUrl, url.origin);
      if (next !== jar) this.#held.replaceJar(next, stored.expiresAt);
    } catch (error) {
      if (!(error instanceof SignInError)) throw error;
      if (recourseOf(error) === 'later') throw new DriveError('unreachable', error.message, { cause: error });
      this.#refusedWith.set(url.origin, stored.generation);
      throw denied(url);
    }
  }
}

function denied(url: URL): DriveError {
  return new DriveError(
    'denied',
    `${url.hostname} does not take this sign-in: run "odbfs login" for a site there`,
  );
}
