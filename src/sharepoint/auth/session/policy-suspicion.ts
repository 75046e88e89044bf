/**
 * 917656 means "no session" and "policy" alike (protocol notes 2.9). It is policy when a session that was made because of
 * it is refused in the same way although it has not ended and the site knows it well.
 */
import type { Challenge, SessionStamp } from '../../http/authenticator.js';
import { POLICY_ERROR } from '../pre-flight.js';

export class PolicySuspicion {
  /** The session that replaced one which was refused with the code. */
  #suspect: SessionStamp | null = null;
  #doubt: Promise<boolean> | null = null;

  /** `isAlive` asks the site; once for all who wonder meanwhile. */
  isPolicy(challenge: Challenge, stamp: SessionStamp, isAlive: () => Promise<boolean>): Promise<boolean> {
    if (challenge.davError !== POLICY_ERROR || stamp !== this.#suspect) return Promise.resolve(false);
    this.#doubt ??= isAlive()
      .catch(() => false)
      .finally(() => {
        this.#doubt = null;
      });
    return this.#doubt;
  }

  /** The session of `stamp` was made because of `challenge`. */
  noteReplacement(challenge: Challenge, stamp: SessionStamp): void {
    if (challenge.davError === POLICY_ERROR) this.#suspect = stamp;
  }

  clear(): void {
    this.#suspect = null;
  }
}
