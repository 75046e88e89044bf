/**
 * The sealed sign-in as a running session watches it: has somebody else written it, is it worth reading again. Never
 * throws for what it finds there.
 */
import type { Clock } from '../../../base/index.js';
import { SignInError } from '../sign-in-error.js';
import type { SessionVault } from '../store/session-vault.js';
import type { StoredSession } from '../store/stored-session.js';

export type SessionFound =
  | { readonly kind: 'session'; readonly stored: StoredSession }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'unreadable'; readonly message: string };

export class SessionFile {
  readonly #vault: SessionVault;
  readonly #clock: Clock;
  readonly #lookEveryMs: number;
  #revision: string | null = null;
  #unreadSince: number | null = null;
  #readAgainAt: number | null = null;

  constructor(vault: SessionVault, clock: Clock, lookEveryMs: number) {
    this.#vault = vault;
    this.#clock = clock;
    this.#lookEveryMs = lookEveryMs;
  }

  /** Cheap: does not open the file. */
  async isWorthReading(): Promise<boolean> {
    if (this.#readAgainAt !== null && this.#readAgainAt <= this.#clock.monotonic()) return true;
    return (await this.#vault.revision()) !== this.#revision;
  }

  async read(): Promise<SessionFound> {
    this.#revision = await this.#vault.revision();
    this.#readAgainAt = null;
    try {
      const stored = await this.#vault.load();
      this.#unreadSince = null;
      return stored?.signedIn ? { kind: 'session', stored } : { kind: 'nobody' };
    } catch (error) {
      if (!(error instanceof SignInError)) throw error;
      if (error.kind === 'unavailable') this.#readAgainLater();
      return { kind: 'unreadable', message: error.message };
    }
  }

  /** What is there now is our own writing. */
  async noteOwnWriting(): Promise<void> {
    this.#revision = await this.#vault.revision();
  }

  /** A keyring may be unlocked any time; but asking for it may prompt the person, so ever more seldom. */
  #readAgainLater(): void {
    const nowMs = this.#clock.monotonic();
    this.#unreadSince ??= nowMs;
    this.#readAgainAt = nowMs + Math.max(this.#lookEveryMs, nowMs - this.#unreadSince);
  }
}
