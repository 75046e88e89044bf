import type { Clock } from '../../base/index.js';

/**
 * Fires once when the other side did nothing for a while. A sign of life costs one assignment; time during which it is
 * our turn (`hold`) does not count.
 */
export class SilenceTimer {
  readonly #clock: Clock;
  readonly #onSilence: () => void;
  #limitMs: number;
  #lastSignMs: number;
  #held = false;
  #cancel: () => void;

  constructor(clock: Clock, limitMs: number, onSilence: () => void) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#onSilence = onSilence;
    this.#lastSignMs = clock.monotonic();
    this.#cancel = clock.after(limitMs, () => this.#check());
  }

  /** It is our turn: silence is ours. */
  hold(): void {
    this.#held = true;
  }

  /** It is their turn: counts from now. */
  watch(): void {
    this.#held = false;
    this.#lastSignMs = this.#clock.monotonic();
  }

  /** Another limit from now on. */
  restart(limitMs: number): void {
    this.#cancel();
    this.#limitMs = limitMs;
    this.watch();
    this.#cancel = this.#clock.after(limitMs, () => this.#check());
  }

  stop(): void {
    this.#cancel();
  }

  #check(): void {
    const silentMs = this.#held ? 0 : this.#clock.monotonic() - this.#lastSignMs;
    if (silentMs >= this.#limitMs) this.#onSilence();
    else this.#cancel = this.#clock.after(Math.ceil(this.#limitMs - silentMs), () => this.#check());
  }
}
