/**
 * Whether programs are at work in the folder just now, and nobody waits for the server. Sending shares their thread and
 * their disk, so what it spends then they wait for: nothing is begun for a while. Not for longer, because who has that much
 * to do is served best by sending meanwhile.
 */
import type { Clock } from '../base/index.js';
import type { Settlement } from './settlement.js';

/** A program that pauses for so long waits for itself. */
const PAUSE_MS = 100;
/** After so long without a change, the next one begins a spell of its own. */
const REST_MS = 1000;
const LONGEST_SPELL_MS = 4000;

export class Foreground {
  readonly #clock: Clock;
  readonly #settlement: Pick<Settlement, 'isWaiting'>;
  #beganMs = Number.NEGATIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** `clock`: one whose wall time never jumps; `settlement`: who waits for what is sent comes first. */
  constructor(clock: Clock, settlement: Pick<Settlement, 'isWaiting'>) {
    this.#clock = clock;
    this.#settlement = settlement;
  }

  /** A program made, changed, moved or removed something. */
  changed(): void {
    const now = this.#clock.now();
    if (now - this.#lastMs > REST_MS) this.#beganMs = now;
    this.#lastMs = now;
  }

  /** Somebody wants everything sent now: until the next change nobody is at work. */
  over(): void {
    this.#lastMs = Number.NEGATIVE_INFINITY;
  }

  /** Until then, if nothing more changes. Long ago: nobody is. */
  get busyUntilMs(): number {
    return Math.min(this.#lastMs + PAUSE_MS, this.#beganMs + LONGEST_SPELL_MS);
  }

  get isBusy(): boolean {
    return this.busyUntilMs > this.#clock.now() && !this.#settlement.isWaiting;
  }
}
