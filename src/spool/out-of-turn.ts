/** Steps that somebody waits for: run before all that is due, unless what is under way is in their way. */
import type { PathClaim, PathClaims } from './path-claims.js';
import { begun, type Operation } from './send-context.js';
import type { SendStep } from './send-plan.js';
import type { Ino } from './spool.js';
import type { UnderWay } from './under-way.js';

export interface OutOfTurnParts {
  readonly active: UnderWay;
  readonly claims: PathClaims;
  /** Nothing is sent now: the server does not answer, nobody is signed in, or all is being stopped. */
  readonly isClosed: () => boolean;
  readonly ended: (operation: Operation) => void;
}

export class OutOfTurn {
  readonly #parts: OutOfTurnParts;

  constructor(parts: OutOfTurnParts) {
    this.#parts = parts;
  }

  /** Null: it could not be begun. A failure is the caller's: it says nothing about the node. */
  async run<Result>(
    ino: Ino,
    step: SendStep,
    needed: readonly PathClaim[],
    work: (operation: Operation) => Promise<Result>,
  ): Promise<Result | null> {
    const { active, claims, isClosed, ended } = this.#parts;
    if (isClosed() || active.has(ino) || claims.holderOf(needed) !== undefined) return null;
    const operation = begun(ino, step);
    active.begin(operation);
    claims.take(ino, needed);
    const result = work(operation);
    operation.done = result.then(
      () => ended(operation),
      () => ended(operation),
    );
    await operation.done;
    return result;
  }
}
