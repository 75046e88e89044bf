/**
 * One wait for one system call. Where its read-ahead got nothing the kernel asks again at once, for the page that somebody
 * reads: who waited out a server that is silent, or asks for pauses, is not to wait the same time once more.
 */
import type { Clock } from '../base/index.js';
import { DriveError } from '../drive/index.js';

/** What fails sooner may be tried again: nobody has waited for it. */
const LONG_MS = 30_000;
/** The kernel comes back within microseconds, on a busy machine a little later; a person later still. */
const SAME_CALL_MS = 1_000;

export class VainWait {
  readonly #clock: Clock;
  #last: { readonly error: DriveError; readonly atMs: number } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What a long wait has just ended with. */
  get justFailed(): DriveError | null {
    const isJustNow = this.#last !== null && this.#clock.monotonic() - this.#last.atMs < SAME_CALL_MS;
    return isJustNow ? this.#last!.error : null;
  }

  async through<Result>(waiting: Promise<Result>): Promise<Result> {
    const beganMs = this.#clock.monotonic();
    try {
      return await waiting;
    } catch (error) {
      const atMs = this.#clock.monotonic();
      if (error instanceof DriveError && atMs - beganMs >= LONG_MS) this.#last = { error, atMs };
      throw error;
    }
  }
}
