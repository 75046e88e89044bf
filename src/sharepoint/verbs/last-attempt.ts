/** What became of the last attempt at a request that is never repeated blindly. */
import type { Clock } from '../../base/index.js';

export class LastAttempt {
  readonly #clock: Clock;
  #sentAtMs: number | null = null;
  #answeredAtMs: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly onAttempt = (): void => {
    this.#sentAtMs = this.#clock.monotonic();
    this.#answeredAtMs = null;
  };

  readonly onAnswer = (): void => {
    this.#answeredAtMs = this.#clock.monotonic();
  };

  /** The server has it and has not said what it did. Else it was never sent, or waits on our side after a "not now". */
  get isOpen(): boolean {
    return this.#sentAtMs !== null && this.#answeredAtMs === null;
  }

  /** For how long the server had it. */
  get tookMs(): number {
    return this.#sentAtMs === null ? 0 : (this.#answeredAtMs ?? this.#clock.monotonic()) - this.#sentAtMs;
  }
}
