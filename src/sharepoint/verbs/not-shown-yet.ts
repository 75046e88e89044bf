/**
 * Items that the change log tells of and that have no row, though the log does not say that they are gone: a front end
 * that lags behind does not show them yet (protocol notes 5.2.6). The log would never tell of them again, so whoever
 * reads it goes no further than before the first of them, until that can be no lag any more.
 */
import type { Clock } from '../../base/index.js';
import type { ItemId } from '../../drive/index.js';

/** Longer than that no front end lags behind. */
const LAG_MS = 5_000;
/** More than these are not waited for: so many are gone with a folder. */
const MOST_WAITED_FOR = 500;

/** One entry of the log. */
export interface Logged {
  readonly id: ItemId;
  readonly isRemoval: boolean;
  /** False: it is known to be a file, and takes nothing with it. */
  readonly mayBeFolder: boolean;
}

export class NotShownYet {
  readonly #clock: Clock;
  readonly #sinceMs = new Map<ItemId, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Of what has no row, what may have one soon. `entries`: a page of the log, as it came. */
  among(missing: ReadonlySet<ItemId>, entries: readonly Logged[]): ReadonlySet<ItemId> {
    const waited = new Set<ItemId>();
    const now = this.#clock.monotonic();
    for (const id of unexplained(missing, entries)) {
      const sinceMs = this.#sinceMs.get(id) ?? now;
      if (now - sinceMs >= LAG_MS || waited.size >= MOST_WAITED_FOR) continue;
      this.#sinceMs.set(id, sinceMs);
      waited.add(id);
    }
    for (const id of this.#sinceMs.keys()) if (!waited.has(id)) this.#sinceMs.delete(id);
    return waited;
  }
}

/** What is in a folder that is removed goes with it, and the log tells of the folder alone. */
function unexplained(missing: ReadonlySet<ItemId>, entries: readonly Logged[]): ItemId[] {
  const ids: ItemId[] = [];
  const seen = new Set<ItemId>();
  for (const { id, isRemoval, mayBeFolder } of entries.toReversed()) {
    if (isRemoval && mayBeFolder) return ids;
    if (!isRemoval && !seen.has(id) && missing.has(id)) ids.push(id);
    seen.add(id);
  }
  return ids;
}
