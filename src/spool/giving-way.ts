/**
 * Sending gives way to callers. One thread does both, and an upload costs it several times what a caller's operation
 * does: a `tar x` would wait for the uploads of its own first files at every step. So nothing new is sent while somebody
 * here changes one thing after another; but not for long, and then as long as the callers had is for sending. Who waits
 * for what is sent is a caller too.
 */
import type { SendContext } from './send-context.js';

type Context = Pick<SendContext, 'clock' | 'limits' | 'settlement'>;

export class GivingWay {
  readonly #context: Context;
  #sinceMs: number | null = null;
  #lastChangeMs = 0;
  /** Until then it is the turn of what is to be sent. */
  #turnUntilMs = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Somebody here makes, writes, moves or removes things. */
  callerChanged(): void {
    const now = this.#context.clock.now();
    this.#endIfOver(now);
    this.#lastChangeMs = now;
    if (now >= this.#turnUntilMs) this.#sinceMs ??= now;
  }

  /** Somebody wants it sent now. */
  hurry(): void {
    this.#sinceMs = null;
    this.#turnUntilMs = this.#context.clock.now() + this.#context.limits.longestGivingWayMs;
  }

  /** When something may be sent, as far as is known now; 0: at once. */
  get untilMs(): number {
    this.#endIfOver(this.#context.clock.now());
    return this.#sinceMs === null || this.#context.settlement.isWaiting ? 0 : this.#endMs(this.#sinceMs);
  }

  #endMs(sinceMs: number): number {
    const { callersRestMs, longestGivingWayMs } = this.#context.limits;
    return Math.min(this.#lastChangeMs + callersRestMs, sinceMs + longestGivingWayMs);
  }

  #endIfOver(now: number): void {
    if (this.#sinceMs === null) return;
    const endMs = this.#endMs(this.#sinceMs);
    if (now < endMs) return;
    this.#turnUntilMs = endMs + (endMs - this.#sinceMs);
    this.#sinceMs = null;
  }
}
