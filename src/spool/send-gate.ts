import type { Clock } from '../base/index.js';
import type { DriveErrorKind } from '../drive/index.js';
import { backOffMs } from './back-off.js';
import type { Standstill } from './spool.js';

/** So many attempts in a row, some seconds apart, and the server counts as away. */
const FAILURES_UNTIL_AWAY = 3;

/**
 * Whether anything may be sent at all. While the server does not answer, only one node at a time tries it, at growing
 * intervals; while nobody is signed in, none does.
 */
export class SendGate {
  readonly #clock: Clock;
  #failures = 0;
  #lastFailure: DriveErrorKind | null = null;
  #pausedUntilMs = 0;
  /** The server asked for it: nothing shortens this. */
  #heldUntilMs = 0;
  #signedOut: string | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** When sending may go on; Infinity while signed out. */
  get opensAtMs(): number {
    return this.#signedOut === null
      ? Math.max(this.#pausedUntilMs, this.#heldUntilMs)
      : Number.POSITIVE_INFINITY;
  }

  get signedOut(): string | null {
    return this.#signedOut;
  }

  get standstill(): Standstill | null {
    if (this.#signedOut !== null) return 'signed-out';
    const isAway = this.#failures >= FAILURES_UNTIL_AWAY && this.#lastFailure === 'unreachable';
    return isAway ? 'unreachable' : null;
  }

  /** How many may be under way: one while it is not known whether the server is back. */
  get width(): number {
    return this.#failures === 0 ? Number.POSITIVE_INFINITY : 1;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#pausedUntilMs = 0;
  }

  /** Of many that were under way together the first counts: the others tell nothing new. */
  failed(kind: DriveErrorKind, retryAfterMs: number | undefined): void {
    const now = this.#clock.now();
    this.#lastFailure = kind;
    if (retryAfterMs !== undefined) this.#heldUntilMs = Math.max(this.#heldUntilMs, now + retryAfterMs);
    if (now < this.#pausedUntilMs) return;
    this.#failures += 1;
    this.#pausedUntilMs = now + backOffMs(this.#failures);
  }

  signOut(reason: string): void {
    this.#signedOut = reason;
  }

  /** Somebody signed in, the network came back, or the user is in a hurry. */
  reopen(): void {
    this.#signedOut = null;
    this.#pausedUntilMs = 0;
  }
}
