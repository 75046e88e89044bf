/** Whether what is known is young enough for who asks. Where changes come to us, it is as young as their last round. */
import type { Clock } from '../base/index.js';
import type { Reach } from './reach.js';
import type { Asking } from './remote-tree.js';
import type { TreeEntry } from './tree-entry.js';
import type { TreeFollower } from './tree-follower.js';
import { isSinceLeftOut, type TreeState } from './tree-state.js';
import type { TreeStore } from './tree-store.js';

export interface FreshnessParts {
  readonly store: TreeStore;
  readonly state: TreeState;
  readonly follower: TreeFollower;
  readonly reach: Reach;
  readonly clock: Clock;
}

export class Freshness {
  readonly #parts: FreshnessParts;

  constructor(parts: FreshnessParts) {
    this.#parts = parts;
  }

  /**
   * Listings, and names that are not there: once the whole tree is known, changes come to us, but not what the only
   * listing of a folder left out (below 0).
   */
  ofListing(asOfMs: number | null, asking: Asking): boolean {
    if (asOfMs !== null && asOfMs < 0) return this.#of(-asOfMs, false, asking);
    return this.#of(asOfMs, isSinceLeftOut(asOfMs, this.#parts.state), asking);
  }

  /** That an item is where it is known to be. */
  ofPlace(entry: TreeEntry, asking: Asking): boolean {
    return this.#of(entry.confirmedAtMs, this.isFollowed(entry), asking);
  }

  /** What a single item is like: for this the last word from the server counts, however it came. */
  ofItem(entry: TreeEntry, { maxAgeMs }: Asking): boolean {
    const { state, follower, clock, reach } = this.#parts;
    if (maxAgeMs === Number.POSITIVE_INFINITY) return true;
    follower.schedule.used();
    if (maxAgeMs <= 0) return false;
    if (reach.isAway) return true;
    // Each round of changes is a word about every item that is followed.
    const roundAtMs = this.isFollowed(entry) ? (state.wholeAtMs ?? 0) : 0;
    const ageMs = clock.now() - Math.max(this.#saidAtMs(entry), roundAtMs);
    return ageMs >= 0 && ageMs <= this.#longest(maxAgeMs);
  }

  /** What it is like was known when the changes that come to us began. Of a folder a snapshot tells all that matters. */
  isFollowed(entry: TreeEntry): boolean {
    return entry.item.kind === 'folder' || isSinceLeftOut(this.#saidAtMs(entry), this.#parts.state);
  }

  #of(asOfMs: number | null, isFollowed: boolean, { maxAgeMs }: Asking): boolean {
    const { state, follower, clock, reach } = this.#parts;
    if (maxAgeMs === Number.POSITIVE_INFINITY) return true;
    follower.schedule.used();
    if (maxAgeMs <= 0) return false;
    if ((state.isComplete && isFollowed) || reach.isAway) return true;
    const ageMs = clock.now() - (asOfMs ?? Number.NEGATIVE_INFINITY);
    return ageMs >= 0 && ageMs <= this.#longest(maxAgeMs);
  }

  /** When the server told of the item itself. */
  #saidAtMs({ confirmedAtMs, parent }: TreeEntry): number {
    return Math.max(confirmedAtMs, this.#parts.store.byKey(parent)?.listedAtMs ?? 0);
  }

  /** Where no changes come to us, asking for what is used takes the place of the polls that were asked for (`poll=`). */
  #longest(maxAgeMs: number): number {
    const { state, follower } = this.#parts;
    return state.isComplete ? maxAgeMs : Math.min(maxAgeMs, follower.schedule.pollMs);
  }
}
