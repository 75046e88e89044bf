/**
 * How long one request may take until its answer begins. Waiting in line behind others does not count as long as the
 * line moves: that is not the server's silence. The line has a bound of its own.
 */
import type { Clock } from '../../base/index.js';
import type { Crowd } from '../../drive/index.js';

/** In line, over all attempts of a request. */
const LONGEST_IN_LINE_MS = 50_000;
const CHECK_EVERY_MS = 1_000;

interface Line {
  readonly crowd: Crowd;
  readonly sinceMs: number;
}

export class Patience {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #onEnd: () => void;
  readonly #beganMs: number;
  #line: Line | null = null;
  #inLineMs = 0;
  #cancel: () => void;

  constructor(clock: Clock, limitMs: number, onEnd: () => void) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#onEnd = onEnd;
    this.#beganMs = clock.monotonic();
    this.#cancel = clock.after(limitMs, () => this.#check());
  }

  /** Waits in line for `turn`. */
  async inLine<Turn>(crowd: Crowd, turn: Promise<Turn>): Promise<Turn> {
    const line = { crowd, sinceMs: this.#clock.monotonic() };
    this.#line = line;
    try {
      return await turn;
    } finally {
      this.#inLineMs += this.#movedMs(line);
      this.#line = null;
    }
  }

  /** Before the answer has to begin. */
  get leftMs(): number {
    const inLineMs = this.#inLineMs + (this.#line === null ? 0 : this.#movedMs(this.#line));
    const waitedMs = this.#clock.monotonic() - this.#beganMs - Math.min(inLineMs, LONGEST_IN_LINE_MS);
    return this.#limitMs - waitedMs;
  }

  stop(): void {
    this.#cancel();
  }

  #movedMs({ crowd, sinceMs }: Line): number {
    return crowd.isMoving ? this.#clock.monotonic() - sinceMs : 0;
  }

  #check(): void {
    const { leftMs } = this;
    if (leftMs <= 0) this.#onEnd();
    else this.#cancel = this.#clock.after(Math.max(leftMs, CHECK_EVERY_MS), () => this.#check());
  }
}
