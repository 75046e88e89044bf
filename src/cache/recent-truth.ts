/**
 * Which items got newer truth lately, so that a late answer never overwrites it. Two dangers, two answers:
 *
 * - an answer that was *asked* before the truth came: `isNewer`, by stamps
 * - an answer that was asked after it and yet shows what was before, because the server's front ends lag for some
 *   seconds after we wrote (protocol notes 5.2.6): `isEcho`, by what the item was before. So they do after others wrote:
 *   what the change log has told of, direct answers may not show yet (`isBeforeLog`)
 */
import type { Clock } from '../base/index.js';
import type { ItemId, Version } from '../drive/index.js';
import type { EntryKey } from './tree-entry.js';

type Stamp = number;

/** What the server showed of an item: null, nothing. */
export interface ShownState {
  readonly parent: EntryKey;
  readonly name: string;
  readonly version: Version;
}

export interface RecentTruthLimits {
  /** How long the server's answers may lag behind what we wrote. */
  readonly lagMs: number;
  readonly mostRecentItems: number;
}

/** One answer of the server, from when it is asked for. What it brings itself is not newer than it. */
export interface Answer {
  readonly stamp: Stamp;
  /** `direct`: about one item or folder; else it tells of the whole tree. */
  readonly kind: 'direct' | 'snapshot' | 'feed';
}

interface Recent {
  stamp: Stamp;
  /** Who brought the truth; null: we did. */
  from: Answer | null;
  /** When we last changed it ourselves; -Infinity: the truth came from the server. */
  ownAtMs: number;
  /** What it was before our changes, newest last. */
  before: (ShownState | null)[];
  /** When the change log last told of it, and what it was before that. */
  toldAtMs: number;
  beforeLog: (ShownState | null)[];
}

/** More of our own changes to one item within the lag are not kept apart. */
const MOST_STATES_BEFORE = 8;

const NEVER_MS = Number.NEGATIVE_INFINITY;

export class RecentTruth {
  readonly #clock: Clock;
  readonly #limits: RecentTruthLimits;
  /** Least recently changed first. */
  readonly #items = new Map<ItemId, Recent>();
  readonly #asked = new Map<Stamp, number>();
  #now: Stamp = 1;
  /** Answers to questions asked before this are not trusted at all: their items may have been dropped from the map. */
  #floor: Stamp = 0;

  constructor(clock: Clock, limits: RecentTruthLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** How long the server's answers may lag behind what we wrote. */
  get lagMs(): number {
    return this.#limits.lagMs;
  }

  /** To be called before a question is asked; `answered` when the answer is stored. */
  ask(kind: Answer['kind']): Answer {
    this.#asked.set(this.#now, (this.#asked.get(this.#now) ?? 0) + 1);
    return { stamp: this.#now, kind };
  }

  answered({ stamp }: Answer): void {
    const left = (this.#asked.get(stamp) ?? 1) - 1;
    if (left > 0) this.#asked.set(stamp, left);
    else this.#asked.delete(stamp);
  }

  /** The server said something about the item that changes what we know. */
  heard(id: ItemId, from: Answer): void {
    if (this.#asked.size === 0 && !this.#items.has(id)) return;
    this.#touch(id, from);
  }

  /** The change log told what changes what we know; `before` is what was known until then. */
  toldByLog(id: ItemId, from: Answer, before: ShownState | null): void {
    const recent = this.#touch(id, from);
    if (!this.#lagsLog(recent)) recent.beforeLog = [];
    recent.toldAtMs = this.#clock.monotonic();
    recent.beforeLog.push(before);
    if (recent.beforeLog.length > MOST_STATES_BEFORE) recent.beforeLog.shift();
  }

  /** We changed the item on the server; `before` is what the server showed until then. */
  changedByUs(id: ItemId, before: ShownState | null): void {
    const recent = this.#touch(id, null);
    recent.before.push(before);
    if (recent.before.length > MOST_STATES_BEFORE) recent.before.shift();
  }

  /** We are about to change it on the server: where it is known to be, it may not be any more. */
  expectedByUs(id: ItemId): void {
    const recent = this.#items.get(id) ?? this.#touch(id, null);
    if (!this.#lags(recent)) recent.before = [];
    recent.ownAtMs = this.#clock.monotonic();
  }

  /** Newer truth came after the question was asked. */
  isNewer(id: ItemId, answer: Answer): boolean {
    const recent = this.#items.get(id);
    if (recent !== undefined && recent.from === answer) return false;
    return answer.stamp < this.#floor || (recent?.stamp ?? 0) > answer.stamp;
  }

  /** The answer shows what was there before we changed it. */
  isEcho(id: ItemId, shown: ShownState | null): boolean {
    const recent = this.#items.get(id);
    if (recent === undefined || !this.#lags(recent)) return false;
    return recent.before.some((state) => isSameState(state, shown));
  }

  /** A direct answer shows what was there before the change that the log has told of. */
  isBeforeLog(id: ItemId, shown: ShownState): boolean {
    const recent = this.#items.get(id);
    if (recent === undefined || !this.#lagsLog(recent)) return false;
    return recent.beforeLog.some((state) => isSameState(state, shown));
  }

  /** The log told of it so lately that direct answers may not show it yet. */
  isToldByLog(id: ItemId): boolean {
    const recent = this.#items.get(id);
    return recent !== undefined && this.#lagsLog(recent);
  }

  /** We changed it so lately that the server may not show it yet. */
  isOwn(id: ItemId): boolean {
    const recent = this.#items.get(id);
    return recent !== undefined && this.#lags(recent);
  }

  #lags(recent: Recent): boolean {
    return this.#clock.monotonic() - recent.ownAtMs < this.#limits.lagMs;
  }

  #lagsLog(recent: Recent): boolean {
    return this.#clock.monotonic() - recent.toldAtMs < this.#limits.lagMs;
  }

  #touch(id: ItemId, from: Answer | null): Recent {
    const recent = this.#items.get(id) ?? {
      ...{ stamp: 0, from, ownAtMs: NEVER_MS, before: [], toldAtMs: NEVER_MS, beforeLog: [] },
    };
    if (!this.#lags(recent)) recent.before = [];
    this.#now += 1;
    recent.stamp = this.#now;
    recent.from = from;
    if (from === null) recent.ownAtMs = this.#clock.monotonic();
    this.#items.delete(id);
    this.#items.set(id, recent);
    this.#forgetOld();
    return recent;
  }

  #forgetOld(): void {
    const oldestQuestion = this.#asked.keys().next().value ?? Number.POSITIVE_INFINITY;
    for (const [id, recent] of this.#items) {
      const isOver = this.#items.size > this.#limits.mostRecentItems;
      const mayLag = this.#lags(recent) || this.#lagsLog(recent);
      if (!isOver && (recent.stamp > oldestQuestion || mayLag)) return;
      if (recent.stamp > oldestQuestion) this.#floor = recent.stamp;
      this.#items.delete(id);
    }
  }
}

function isSameState(one: ShownState | null, other: ShownState | null): boolean {
  if (one === null || other === null) return one === other;
  return one.version === other.version && one.name === other.name && one.parent === other.parent;
}
