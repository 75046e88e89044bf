import type { Ino } from './spool.js';

interface Slot {
  readonly ino: Ino;
  readonly dueAtMs: number;
  readonly order: number;
}

/** Nodes by due time, then by order of arrival: a binary heap in which replaced slots die in place. */
export class DueQueue {
  readonly #heap: Slot[] = [];
  readonly #current = new Map<Ino, Slot>();
  #order = 0;

  set(ino: Ino, dueAtMs: number): void {
    const present = this.#current.get(ino);
    if (present?.dueAtMs === dueAtMs) return;
    this.#order += 1;
    const slot = { ino, dueAtMs, order: this.#order };
    this.#current.set(ino, slot);
    this.#heap.push(slot);
    this.#rise(this.#heap.length - 1);
  }

  delete(ino: Ino): void {
    this.#current.delete(ino);
  }

  has(ino: Ino): boolean {
    return this.#current.has(ino);
  }

  inos(): Iterable<Ino> {
    return this.#current.keys();
  }

  /** When the next one is due; Infinity when there is none. */
  get nextDueMs(): number {
    this.#bury();
    return this.#heap[0]?.dueAtMs ?? Number.POSITIVE_INFINITY;
  }

  /** Takes the next node that is due. */
  take(nowMs: number): Ino | undefined {
    this.#bury();
    const first = this.#heap[0];
    if (first === undefined || first.dueAtMs > nowMs) return undefined;
    this.#current.delete(first.ino);
    this.#pop();
    return first.ino;
  }

  /** Removes what was replaced or deleted from the top. */
  #bury(): void {
    while (this.#heap.length > 0 && this.#current.get(this.#heap[0]!.ino) !== this.#heap[0]) this.#pop();
  }

  #pop(): void {
    const last = this.#heap.pop()!;
    if (this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(this.#heap[at]!, this.#heap[parent]!)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(from: number): void {
    let at = from;
    for (;;) {
      let least = at;
      for (const child of [at * 2 + 1, at * 2 + 2]) {
        if (child < this.#heap.length && isBefore(this.#heap[child]!, this.#heap[least]!)) least = child;
      }
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #swap(one: number, other: number): void {
    [this.#heap[one], this.#heap[other]] = [this.#heap[other]!, this.#heap[one]!];
  }
}

function isBefore(one: Slot, other: Slot): boolean {
  return one.dueAtMs < other.dueAtMs || (one.dueAtMs === other.dueAtMs && one.order < other.order);
}
