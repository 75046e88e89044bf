/**
 * An answer speaks of items by the paths that they had on the server when it was made. Which folders had been moved by
 * then is not said, but it shows: the moves are those after which what the answer has is where the tree has it.
 */
import type { Clock } from '../base/index.js';
import type { DrivePath, ItemId, UnversionedItem } from '../drive/index.js';
import type { FolderMove, FolderMoves } from './folder-moves.js';
import { FrameWitnesses } from './frame-witnesses.js';
import { translated } from './moved-path.js';
import type { RecentTruth } from './recent-truth.js';
import type { TreeStore } from './tree-store.js';

/** So many of an answer's items are looked at. */
const MOST_LOOKED_AT = 500;

interface FrameParts {
  readonly store: TreeStore;
  readonly folderMoves: FolderMoves;
  readonly recent: RecentTruth;
  readonly clock: Clock;
}

export type PathFrame = Pick<PageFrame, 'translate'>;

/** What was made before: the page after it knows no less. */
export type EarlierFrame = Pick<PageFrame, 'doneOf'>;

interface Guess {
  /** The numbers of the moves that were done when the answer was made. */
  readonly done: ReadonlySet<number>;
  readonly witnesses: FrameWitnesses;
}

export class PageFrame {
  readonly #parts: FrameParts;
  readonly #askedAtMs: number;
  readonly #before: EarlierFrame | undefined;
  #arrivedAtMs = Number.POSITIVE_INFINITY;
  #items: readonly UnversionedItem[] = [];
  #gone: ReadonlySet<ItemId> = new Set();
  /** The numbers of the moves of which it is known whether they were done when the answer was made. */
  readonly #decided = new Set<number>();
  #done: ReadonlySet<number> = new Set();

  /** Before it is asked for. `before`: the page before it, which knows no more. */
  constructor(parts: FrameParts, before?: EarlierFrame) {
    this.#parts = parts;
    this.#before = before;
    this.#askedAtMs = parts.clock.monotonic();
  }

  /** What the answer shows, and tells to be there no more. */
  arrived(items: readonly UnversionedItem[], gone: Iterable<ItemId> = []): this {
    this.#arrivedAtMs = this.#parts.clock.monotonic();
    this.#items = items.slice(0, MOST_LOOKED_AT);
    this.#gone = new Set(gone);
    return this;
  }

  /** Where the tree has now what the answer has at `path`. */
  translate(path: DrivePath): DrivePath {
    const { folderMoves, recent } = this.#parts;
    const moves = folderMoves.since(this.#askedAtMs - recent.lagMs);
    if (moves.length === 0) return path;
    return translated(path, moves, this.doneOf(moves));
  }

  /** The numbers of those that were done when the answer was made. */
  doneOf(moves: readonly FolderMove[]): ReadonlySet<number> {
    if (moves.some(({ number }) => !this.#decided.has(number))) this.#decide(moves);
    return this.#done;
  }

  /**
   * The numbers of those that were done for certain: what the answer shows goes less well with what is known without them.
   * To be asked before it is stored, for then everything goes well with it.
   */
  provenOf(moves: readonly FolderMove[]): ReadonlySet<number> {
    const { done, witnesses } = this.#guess(moves, moves);
    const value = witnesses.value(done);
    return new Set([...done].filter((number) => witnesses.value(otherwise(done, number, moves)) < value));
  }

  #decide(moves: readonly FolderMove[]): void {
    const undecided = moves.filter(({ number }) => !this.#decided.has(number));
    this.#done = this.#guess(moves, undecided).done;
    for (const { number } of undecided) this.#decided.add(number);
  }

  /**
   * The server did them in about the order in which we know them: all up to one of them, but for some that were done
   * beside each other.
   */
  #guess(moves: readonly FolderMove[], undecided: readonly FolderMove[]): Guess {
    const witnesses = new FrameWitnesses(this.#parts.store, moves, { items: this.#items, gone: this.#gone });
    const before = this.#before?.doneOf(moves) ?? new Set();
    const known = new Set([...this.#done, ...before].flatMap((number) => withEarlier(number, moves)));
    const open = undecided.filter(
      ({ number, beganAtMs }) => !known.has(number) && beganAtMs <= this.#arrivedAtMs,
    );
    if (open.length === 0) return { done: known, witnesses };
    const firstOf = (count: number) =>
      new Set([...known, ...open.slice(0, count).map(({ number }) => number)]);
    let best = firstOf(open.filter(({ heardAtMs }) => heardAtMs !== null).length);
    let most = witnesses.value(best);
    const consider = (done: Set<number>) => {
      const value = witnesses.value(done);
      if (value > most) [best, most] = [done, value];
    };
    for (let count = open.length; count >= 0; count -= 1) consider(firstOf(count));
    for (const { number } of open) consider(otherwise(best, number, moves));
    return { done: best, witnesses };
  }
}

/** With the other answer about one of them. A folder's moves were done one after the other. */
function otherwise(done: ReadonlySet<number>, number: number, moves: readonly FolderMove[]): Set<number> {
  if (!done.has(number)) return new Set([...done, ...withEarlier(number, moves)]);
  return new Set([...done].filter((one) => !withEarlier(one, moves).includes(number)));
}

/** It, and those of the same folder before it. */
function withEarlier(number: number, moves: readonly FolderMove[]): number[] {
  const at = moves.findIndex((move) => move.number === number);
  const earlier = moves.slice(0, Math.max(at, 0)).filter(({ id }) => id === moves[at]!.id);
  return [...earlier.map((move) => move.number), number];
}
