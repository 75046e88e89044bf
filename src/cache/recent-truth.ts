/**
 * Which items got newer truth lately, so that a late answer never overwrites it. Two dangers, two answers:
 *
 * - an answer that was *asked* before the truth came: `isNewer`, by stamps
 * - an answer that was asked after it and yet shows what was before, because the server's front ends lag for some
 *   seconds after we wrote (protocol notes 5.2.6): `isEcho`, by what the item was before. So they do after others wrote:
 *   what the change log has told of, other answers may not show yet (`isBeforeLog`)
 */
import type { Clock } from '../base/index.js';
import type { ItemId } from '../drive/index.js';
import { type Lag, type ShownState, StatesBefore } from './states-before.js';
import type { EntryKey } from './tree-entry.js';
import type { TruthBook } from './truth-book.js';

type Stamp = number;

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
  /** The page before it, which was stored while this one was on its way: what that brought is no newer. */
  readonly after?: Answer | undefined;
}

/** A conclusion of ours, which nothing that is known contradicts. */
export const NOW: Answer = { stamp: Number.MAX_SAFE_INTEGER, kind: 'direct' };

interface Recent {
  stamp: Stamp;
  /** Who brought the truth; null: we did. */
  from: Answer | null;
  /** What it was before we changed it ourselves. */
  readonly ours: StatesBefore;
  /** What it was before the change log told of it. */
  readonly told: StatesBefore;
}

export class RecentTruth {
  readonly #lag: Lag;
  readonly #limits: RecentTruthLimits;
  /** Least recently changed first. */
  readonly #items = new Map<ItemId, Recent>();
  readonly #asked = new Map<Stamp, number>();
  #now: Stamp = 1;
  /** Answers to questions asked before this are not trusted at all: their items may have been dropped from the map. */
  #floor: Stamp = 0;
  readonly #book: Pick<TruthBook, 'add' | 'recall'>;

  constructor(clock: Clock, limits: RecentTruthLimits, book: Pick<TruthBook, 'add' | 'recall'>) {
    this.#lag = { clock, lagMs: limits.lagMs };
    this.#limits = limits;
    this.#book = book;
    for (const { note, agoMs } of book.recall())
      if (note.kind !== 'move')
        this.#touch(note.id, null, (recent) => recent[note.kind].changedAgo(note.before, agoMs));
  }

  /** How long the server's answers may lag behind what we wrote. */
  get lagMs(): number {
    return this.#limits.lagMs;
  }

  /** To be called before a question is asked; `answered` when the answer is stored. */
  ask(kind: Answer['kind'], after?: Answer): Answer {
    this.#asked.set(this.#now, (this.#asked.get(this.#now) ?? 0) + 1);
    return { stamp: this.#now, kind, after };
  }

  answered({ stamp }: Answer): void {
    const left = (this.#asked.get(stamp) ?? 1) - 1;
    if (left > 0) this.#asked.set(stamp, left);
    else this.#asked.delete(stamp);
  }

  /** A question about one item or folder; its answer is stored when `question` ends. */
  async asking<Result>(question: (answer: Answer) => Promise<Result>): Promise<Result> {
    const answer = this.ask('direct');
    try {
      return await question(answer);
    } finally {
      this.answered(answer);
    }
  }

  /** The server said something about the item that changes what we know. */
  heard(id: ItemId, from: Answer): void {
    if (this.#asked.size === 0 && !this.#items.has(id)) return;
    this.#touch(id, from);
  }

  /** The change log told what changes what we know; `before` is what was known until then. */
  toldByLog(id: ItemId, from: Answer, before: ShownState | null): void {
    this.#book.add({ kind: 'told', id, before });
    this.#touch(id, from, ({ told }) => told.changed(before));
  }

  /** We changed the item on the server; `before` is what the server showed until then. */
  changedByUs(id: ItemId, before: ShownState | null): void {
    this.#book.add({ kind: 'ours', id, before });
    this.#touch(id, null, ({ ours }) => ours.changed(before));
  }

  /** We are about to change it on the server: where it is known to be, it may not be any more. */
  expectedByUs(id: ItemId): void {
    const recent = this.#items.get(id) ?? this.#nothingYet();
    this.#items.set(id, recent);
    recent.ours.changes();
  }

  /** What we were about to change was another one. */
  notChangedByUs(id: ItemId): void {
    this.#items.get(id)?.ours.changedNot();
  }

  /** Newer truth came after the question was asked. */
  isNewer(id: ItemId, answer: Answer): boolean {
    const recent = this.#items.get(id);
    const from = recent?.from ?? null;
    if (from !== null && (from === answer || from === answer.after)) return false;
    return answer.stamp < this.#floor || (recent?.stamp ?? 0) > answer.stamp;
  }

  /** The answer shows what was there before we changed it. */
  isEcho(id: ItemId, shown: ShownState | null): boolean {
    return this.#items.get(id)?.ours.has(shown) ?? false;
  }

  /** The same of an answer that does not tell the version: the item was there before we changed it. */
  wasAt(id: ItemId, parent: EntryKey, name: string): boolean {
    return this.#items.get(id)?.ours.hadPlace(parent, name) ?? false;
  }

  /** Another answer than the log's shows what was there before the change that the log has told of. */
  isBeforeLog(id: ItemId, shown: ShownState): boolean {
    return this.#items.get(id)?.told.has(shown) ?? false;
  }

  /** The log told of it so lately that other answers may not show it yet. */
  isToldByLog(id: ItemId): boolean {
    return this.#items.get(id)?.told.mayBeShown ?? false;
  }

  /** We changed it so lately that the server may not show it yet. */
  isOwn(id: ItemId): boolean {
    return this.#items.get(id)?.ours.mayBeShown ?? false;
  }

  #touch(id: ItemId, from: Answer | null, change: (recent: Recent) => void = () => {}): void {
    const recent = this.#items.get(id) ?? this.#nothingYet();
    this.#now += 1;
    recent.stamp = this.#now;
    recent.from = from;
    this.#items.delete(id);
    this.#items.set(id, recent);
    change(recent);
    this.#forgetOld();
  }

  #nothingYet(): Recent {
    const lag = this.#lag;
    return { stamp: 0, from: null, ours: new StatesBefore(lag), told: new StatesBefore(lag) };
  }

  #forgetOld(): void {
    const oldestQuestion = this.#asked.keys().next().value ?? Number.POSITIVE_INFINITY;
    for (const [id, recent] of this.#items) {
      const isOver = this.#items.size > this.#limits.mostRecentItems;
      const mayLag = recent.ours.mayBeShown || recent.told.mayBeShown;
      if (!isOver && (recent.stamp > oldestQuestion || mayLag)) return;
      if (recent.stamp > oldestQuestion) this.#floor = recent.stamp;
      this.#items.delete(id);
    }
  }
}
