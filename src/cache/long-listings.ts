/**
 * Whether somebody waits for a long listing just now. The snapshot is read and stored by the same thread, over the same
 * line: it makes way until the listing is there, and never for long, because it spares everybody the listings to come.
 */
import type { Clock } from '../base/index.js';

/** A listing is long from so many children on. */
export const LONG_LISTING = 500;
/** Whoever waited for it reads it next, ten thousand entries in so long. */
const READING_MS = 250;
/** One page of the snapshot makes way for so long. */
const LONGEST_WAIT_MS = 2_000;

export class LongListings {
  readonly #clock: Clock;
  readonly #ended = new Set<() => void>();
  #underWay = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The returned function, to be called once, tells that the listing is there. */
  begun(): () => void {
    this.#underWay += 1;
    return () => {
      this.#clock.after(READING_MS, () => {
        this.#underWay -= 1;
        if (this.#underWay === 0) for (const end of this.#ended) end();
      });
    };
  }

  /** How one page makes way, whenever it might be in the way: at once where nobody waits, or it has waited enough. */
  forOnePage(signal: AbortSignal): () => Promise<void> {
    let leftMs = LONGEST_WAIT_MS;
    return async () => {
      if (this.#underWay === 0 || leftMs <= 0) return;
      const sinceMs = this.#clock.monotonic();
      await this.#end(leftMs, signal);
      leftMs -= this.#clock.monotonic() - sinceMs;
    };
  }

  /** Resolves when none is under way, or after so long. */
  #end(atMostMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => {
        cancel();
        this.#ended.delete(end);
        signal.removeEventListener('abort', end);
        if (signal.aborted) reject(signal.reason);
        else resolve();
      };
      const cancel = this.#clock.after(atMostMs, end);
      this.#ended.add(end);
      signal.addEventListener('abort', end, { once: true });
    });
  }
}
