/**
 * Whether programs are at work in the folder just now. Sending shares their thread and their disk, so what it spends
 * then they wait for: it makes way for a while. Not for longer, because who has that much to do is served best by
 * sending at full width meanwhile.
 */
import type { Clock } from '../base/index.js';

/** A program that pauses for so long waits for itself. */
const PAUSE_MS = 100;
/** After so long without a change, the next one begins a spell of its own. */
const REST_MS = 1000;
const LONGEST_SPELL_MS = 4000;

export class Foreground {
  readonly #clock: Clock;
  #beganMs = Number.NEGATIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** `clock`: one whose wall time never jumps. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A program made, changed, moved or removed something. */
  changed(): void {
    const now = this.#clock.now();
    if (now - this.#lastMs > REST_MS) this.#beganMs = now;
    this.#lastMs = now;
  }

  /** Until then, if nothing more changes. Long ago: nobody is. */
  get busyUntilMs(): number {
    return Math.min(this.#lastMs + PAUSE_MS, this.#beganMs + LONGEST_SPELL_MS);
  }

  get isBusy(): boolean {
    return this.busyUntilMs > this.#clock.now();
  }
}
