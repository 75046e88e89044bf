/** Notices when more ask than have their turn at once, and whether the turns go on. */
import type { Clock } from '../../base/index.js';
import type { Crowd } from '../../drive/index.js';

/** As long as a server may be silent towards one who waits (semantics: Time bounds). */
const LATELY_MS = 10_000;

export class CrowdWatch implements Crowd {
  readonly #clock: Clock;
  readonly #isWaitedFor: () => boolean;
  #crowdedAtMs = Number.NEGATIVE_INFINITY;
  #answeredAtMs = Number.NEGATIVE_INFINITY;

  /** `isWaitedFor`: somebody is in line at this moment. */
  constructor(clock: Clock, isWaitedFor: () => boolean) {
    this.#clock = clock;
    this.#isWaitedFor = isWaitedFor;
  }

  /** Whoever had the last turns is not given up when the line has just come to its end. */
  get isMoving(): boolean {
    const isCrowded = this.#isWaitedFor() || this.#isLately(this.#crowdedAtMs);
    return isCrowded && this.#isLately(this.#answeredAtMs);
  }

  /** Somebody got a turn. */
  served(): void {
    if (this.#isWaitedFor()) this.#crowdedAtMs = this.#clock.monotonic();
  }

  /** The server answered somebody. */
  answered(): void {
    this.#answeredAtMs = this.#clock.monotonic();
  }

  #isLately(atMs: number): boolean {
    return this.#clock.monotonic() - atMs < LATELY_MS;
  }
}
