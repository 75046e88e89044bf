import type { Clock } from '../../base/index.js';

/** `capacity` units at once, `perSecond` in the long run. May be overdrawn: the debt is waited for by the next one. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #perSecond: number;
  #tokens: number;
  #updatedAtMs: number;

  constructor(clock: Clock, capacity: number, perSecond: number) {
    this.#clock = clock;
    this.#capacity = capacity;
    this.#perSecond = perSecond;
    this.#tokens = capacity;
    this.#updatedAtMs = clock.monotonic();
  }

  /** How long until one unit is there; 0 means now. */
  get waitMs(): number {
    this.#refill();
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) / this.#perSecond) * 1000);
  }

  take(units = 1): void {
    this.#refill();
    this.#tokens -= units;
  }

  /** Half of what was saved up. */
  halve(): void {
    this.#refill();
    if (this.#tokens > 1) this.#tokens = Math.max(1, this.#tokens / 2);
  }

  #refill(): void {
    const now = this.#clock.monotonic();
    const earned = ((now - this.#updatedAtMs) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#capacity, this.#tokens + earned);
    this.#updatedAtMs = now;
  }
}
