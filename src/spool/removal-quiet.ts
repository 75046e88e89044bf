import type { Clock } from '../base/index.js';
import type { Ino } from './spool.js';
import type { SpoolEntry } from './spool-entry.js';
import type { SpoolLimits } from './spool-limits.js';

/** Folders with removals that are remembered before the quiet ones are forgotten. */
const MOST_FOLDERS = 4096;

/**
 * How long a removal waits for the rest of an `rm -rf`: until nothing was removed at or below its folder for a while,
 * but never longer than a bound.
 */
export class RemovalQuiet {
  readonly #clock: Clock;
  readonly #limits: SpoolLimits;
  readonly #lastRemovalMs = new Map<Ino, number>();
  readonly #hurried = new Set<Ino>();

  constructor(clock: Clock, limits: SpoolLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Something was removed in `folder`, which is below `above`. */
  removedIn(folder: Ino, above: Iterable<Ino>): void {
    const now = this.#clock.now();
    this.#lastRemovalMs.set(folder, now);
    for (const ino of above) this.#lastRemovalMs.set(ino, now);
    if (this.#lastRemovalMs.size > MOST_FOLDERS) this.#forgetQuiet(now);
  }

  hurry(ino: Ino): void {
    this.#hurried.add(ino);
  }

  /** The removal is settled, or was given up. */
  forget(ino: Ino): void {
    this.#hurried.delete(ino);
  }

  dueAtMs(entry: SpoolEntry): number {
    if (entry.state.kind !== 'owed') return 0;
    const { dueAtMs, attempts } = entry.state;
    // What failed rests, however great the hurry was.
    if (attempts > 0) return dueAtMs;
    if (this.#hurried.has(entry.ino)) return 0;
    const last = entry.origin === null ? undefined : this.#lastRemovalMs.get(entry.origin.parent);
    if (last === undefined) return dueAtMs;
    const { deleteQuietMs, longestDeleteQuietMs } = this.#limits;
    const latest = dueAtMs - deleteQuietMs + longestDeleteQuietMs;
    return Math.max(dueAtMs, Math.min(last + deleteQuietMs, latest));
  }

  #forgetQuiet(now: number): void {
    for (const [ino, atMs] of this.#lastRemovalMs) {
      if (now - atMs > this.#limits.deleteQuietMs) this.#lastRemovalMs.delete(ino);
    }
  }
}
