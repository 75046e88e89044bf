/**
 * Who waits for a turn, lane by lane. Interactive requests go first, but not for ever: where turns are scarce (the
 * server throttles, the budget is used up) one program that reads without a pause would else keep everything that is
 * owed from the server, and the tree, which would spare it most of its requests, from being read.
 */
import type { DriveError, Lane } from '../../drive/index.js';

/** So many interactive ones start while a bulk one waits; then that one has its turn. */
const INTERACTIVE_IN_ROW = 7;

export interface Asked {
  readonly lane: Lane;
  readonly long: boolean;
  /** Before others of its lane. */
  readonly isSoon?: boolean;
  /** What is left of it; a pause longer than this is not waited for: DriveError('throttled'). */
  readonly patienceMs: number;
}

/** A slot. Must be released exactly once. */
export interface Permit {
  release(): void;
}

export interface Waiter {
  readonly asked: Asked;
  readonly grant: (permit: Permit) => void;
  readonly refuse: (error: DriveError) => void;
}

export class Lanes {
  readonly #queues: Record<Lane, Waiter[]> = { interactive: [], bulk: [] };
  #inRow = 0;

  get waiting(): number {
    return this.#queues.interactive.length + this.#queues.bulk.length;
  }

  get isSomebodyInteractive(): boolean {
    return this.#queues.interactive.length > 0;
  }

  push(waiter: Waiter): void {
    const queue = this.#queues[waiter.asked.lane];
    if (waiter.asked.isSoon) queue.unshift(waiter);
    else queue.push(waiter);
  }

  remove(waiter: Waiter): void {
    const { lane } = waiter.asked;
    this.#queues[lane] = this.#queues[lane].filter((other) => other !== waiter);
  }

  /** Takes out those who would not wait so long. */
  takeImpatient(pauseMs: number): Waiter[] {
    const impatient: Waiter[] = [];
    for (const lane of ['interactive', 'bulk'] as const) {
      const queue = this.#queues[lane];
      impatient.push(...queue.filter(({ asked }) => asked.patienceMs < pauseMs));
      this.#queues[lane] = queue.filter(({ asked }) => asked.patienceMs >= pauseMs);
    }
    return impatient;
  }

  /** Takes out whose turn it is; one that is long only where its lane may be. */
  takeNext(mayBeLong: (lane: Lane) => boolean): Waiter | undefined {
    const first: Lane = this.#inRow >= INTERACTIVE_IN_ROW ? 'bulk' : 'interactive';
    const second: Lane = first === 'bulk' ? 'interactive' : 'bulk';
    return this.#take(first, mayBeLong(first)) ?? this.#take(second, mayBeLong(second));
  }

  /** Takes out a small interactive one. */
  takeSmall(): Waiter | undefined {
    return this.#take('interactive', false);
  }

  #take(lane: Lane, mayBeLong: boolean): Waiter | undefined {
    const queue = this.#queues[lane];
    const at = mayBeLong ? 0 : queue.findIndex(({ asked }) => !asked.long);
    const [taken] = at < 0 ? [] : queue.splice(at, 1);
    if (taken !== undefined) this.#inRow = this.#rowAfter(lane);
    return taken;
  }

  #rowAfter(lane: Lane): number {
    return lane === 'bulk' || this.#queues.bulk.length === 0 ? 0 : this.#inRow + 1;
  }
}
