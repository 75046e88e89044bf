/**
 * Whether the server has put everybody off, by pauses that it asks for, for longer than somebody waits for a better word
 * than what is known. It answers, so it is not away; but it is no use to ask.
 */
import type { Clock } from '../../base/index.js';

const LONG_MS = 5_000;

export class PutOff {
  readonly #clock: Clock;
  #sinceMs: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Not when the pause is over: somebody has to ask again. */
  isLong(pauseLeftMs: number): boolean {
    if (this.#sinceMs === null || pauseLeftMs <= 0) return false;
    return this.#clock.monotonic() - this.#sinceMs + pauseLeftMs >= LONG_MS;
  }

  again(): void {
    this.#sinceMs ??= this.#clock.monotonic();
  }

  ended(): void {
    this.#sinceMs = null;
  }
}
