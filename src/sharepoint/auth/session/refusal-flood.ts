/** Notices a server that refuses whatever it gives out, so that nobody asks it for ever more. */
import type { Clock } from '../../../base/index.js';

/** More renewals on refusal than this in a minute are no accident. */
const MAX_PER_MINUTE = 10;
export const MINUTE_MS = 60_000;

export class RefusalFlood {
  readonly #clock: Clock;
  #refusedAt: number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one more refusal; true when there are too many. */
  isTooMany(): boolean {
    const now = this.#clock.monotonic();
    this.#refusedAt = [...this.#refusedAt.filter((at) => now - at < MINUTE_MS), now].slice(
      -MAX_PER_MINUTE - 1,
    );
    return this.#refusedAt.length > MAX_PER_MINUTE;
  }
}
