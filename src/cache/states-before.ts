/**
 * What an item was before its latest changes of one kind, for as long as the server's answers may still show that: until
 * the lag after the last of them is over.
 */
import type { Clock } from '../base/index.js';
import type { Version } from '../drive/index.js';
import type { EntryKey, TreeEntry } from './tree-entry.js';

/** What the server showed of an item: null, nothing. */
export interface ShownState {
  readonly parent: EntryKey;
  readonly name: string;
  readonly version: Version;
}

export interface Lag {
  readonly clock: Clock;
  /** How long the server's answers may lag behind what was written. */
  readonly lagMs: number;
}

/** More changes to one item within the lag are not kept apart. */
const MOST_STATES = 8;

export class StatesBefore {
  readonly #lag: Lag;
  #changedAtMs = Number.NEGATIVE_INFINITY;
  /** Before that. */
  #changedBeforeAtMs = Number.NEGATIVE_INFINITY;
  /** Newest last. */
  #states: (ShownState | null)[] = [];

  constructor(lag: Lag) {
    this.#lag = lag;
  }

  get mayBeShown(): boolean {
    const { clock, lagMs } = this.#lag;
    return clock.monotonic() - this.#changedAtMs < lagMs;
  }

  /** It changes now, or may; what it was before the lag is shown no more. */
  changes(): void {
    if (!this.mayBeShown) this.#states = [];
    this.#changedBeforeAtMs = this.#changedAtMs;
    this.#changedAtMs = this.#lag.clock.monotonic();
  }

  /** What was to change it last did not. */
  changedNot(): void {
    this.#changedAtMs = this.#changedBeforeAtMs;
  }

  /** It changed from `before`. */
  changed(before: ShownState | null): void {
    this.changes();
    this.#states.push(before);
    if (this.#states.length > MOST_STATES) this.#states.shift();
  }

  /** The same, so long ago: before this process began. */
  changedAgo(before: ShownState | null, agoMs: number): void {
    this.changed(before);
    this.#changedAtMs -= agoMs;
  }

  hadPlace(parent: EntryKey, name: string): boolean {
    return this.mayBeShown && this.#states.some((state) => state?.parent === parent && state.name === name);
  }

  has(shown: ShownState | null): boolean {
    return this.mayBeShown && this.#states.some((state) => isSameState(state, shown));
  }
}

export function shownOf({ parent, item }: TreeEntry): ShownState {
  return { parent, name: item.name, version: item.version };
}

function isSameState(one: ShownState | null, other: ShownState | null): boolean {
  if (one === null || other === null) return one === other;
  return one.version === other.version && one.name === other.name && one.parent === other.parent;
}
