/**
 * Work of many small pieces, a few milliseconds of it in one turn of the event loop: where twenty thousand nodes are due
 * at once, nobody's request waits until all of them have been thought over.
 */
import type { Clock } from '../base/index.js';

const TURN_MS = 4;
const PIECES_PER_LOOK = 8;

export class InTurns {
  readonly #clock: Clock;
  readonly #piece: () => boolean;
  readonly #done: () => void;
  /** Before all other pieces. */
  readonly #first: Iterator<() => void>[] = [];
  #isGoing = false;

  /** `piece`: does one, false when there is none; `done`: after the last one, until there are more. */
  constructor(clock: Clock, piece: () => boolean, done: () => void) {
    this.#clock = clock;
    this.#piece = piece;
    this.#done = done;
  }

  /** To be done with each of `items` before anything else, once `go` is called. */
  first<Item>(items: Iterable<Item>, apply: (item: Item) => void): void {
    this.#first.push(piecesOf(items, apply));
  }

  /** There may be something to do. Begins at once; while it goes on, and from within a piece, this says nothing new. */
  go(): void {
    if (this.#isGoing) return;
    this.#isGoing = true;
    let isLeft = false;
    try {
      isLeft = this.#turn();
    } finally {
      this.#isGoing = isLeft;
    }
    if (isLeft) setImmediate(() => this.#again());
  }

  #again(): void {
    this.#isGoing = false;
    this.go();
  }

  #turn(): boolean {
    const untilMs = this.#clock.monotonic() + TURN_MS;
    for (let pieces = 1; this.#doFirst() || this.#piece(); pieces += 1)
      if (pieces % PIECES_PER_LOOK === 0 && this.#clock.monotonic() >= untilMs) return true;
    this.#done();
    return false;
  }

  #doFirst(): boolean {
    const next = this.#first[0]?.next();
    if (next === undefined) return false;
    if (next.done) this.#first.shift();
    else next.value();
    return true;
  }
}

/** `apply` to each of `items`, in the caller's own turns: where it yields, others are to have one. */
export function* turnsOver<Item>(
  clock: Clock,
  items: Iterable<Item>,
  apply: (item: Item) => void,
): Iterable<void> {
  let untilMs = clock.monotonic() + TURN_MS;
  let pieces = 0;
  for (const item of items) {
    apply(item);
    pieces += 1;
    if (pieces % PIECES_PER_LOOK !== 0 || clock.monotonic() < untilMs) continue;
    yield;
    untilMs = clock.monotonic() + TURN_MS;
  }
}

function* piecesOf<Item>(items: Iterable<Item>, apply: (item: Item) => void): Iterator<() => void> {
  for (const item of items) yield () => apply(item);
}
