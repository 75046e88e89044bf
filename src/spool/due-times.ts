/**
 * When a node is to be sent: after its rest, after the rest of an `rm -rf`, after a pause when it got nowhere; at once
 * when somebody waits for it.
 */
import { backOffMs } from './back-off.js';
import type { RemovalQuiet } from './removal-quiet.js';
import type { SendContext } from './send-context.js';
import type { Ino, OwedState } from './spool.js';
import { attemptsOf, owedAt, owesOnlyTimes, type SpoolEntry } from './spool-entry.js';
import type { WaitingRoom } from './waiting-room.js';

/** Steps in a row that may bring a node no further before it has to wait. */
const QUICK_STEPS = 4;

export class DueTimes {
  readonly #context: SendContext;
  readonly #waiting: WaitingRoom;
  readonly #quiet: RemovalQuiet;
  /** Steps that a node took without getting anywhere, and until when it rests because of them. */
  readonly #idle = new Map<Ino, { readonly steps: number; readonly untilMs: number }>();

  constructor(context: SendContext, waiting: WaitingRoom, quiet: RemovalQuiet) {
    this.#context = context;
    this.#waiting = waiting;
    this.#quiet = quiet;
  }

  of(entry: SpoolEntry): number {
    const notBefore = this.notBeforeMs(entry.ino);
    if (this.#isAwaited(entry)) return notBefore;
    if (entry.removed) return Math.max(notBefore, this.#quiet.dueAtMs(entry));
    return Math.max(notBefore, entry.state.kind === 'owed' ? entry.state.dueAtMs : 0);
  }

  /** Whoever waits for it: it got nowhere again and again, and rests until then. */
  notBeforeMs(ino: Ino): number {
    return this.#idle.get(ino)?.untilMs ?? 0;
  }

  /** A step of the node has ended. */
  stepEnded(ino: Ino, gotSomewhere: boolean): void {
    if (gotSomewhere) {
      this.forget(ino);
      return;
    }
    const steps = (this.#idle.get(ino)?.steps ?? 0) + 1;
    const pauses = steps - QUICK_STEPS;
    this.#idle.set(ino, { steps, untilMs: pauses > 0 ? this.#context.clock.now() + backOffMs(pauses) : 0 });
  }

  forget(ino: Ino): void {
    this.#idle.delete(ino);
  }

  /**
   * Somebody waits for it, or for what can't be sent before it. What failed rests all the same; times are gathered, as
   * they cost least together.
   */
  #isAwaited(entry: SpoolEntry): boolean {
    const { settlement, ledger } = this.#context;
    if (!settlement.isWaiting || !isFresh(entry) || owesOnlyTimes(entry)) return false;
    if (settlement.isAwaited(entry)) return true;
    for (const ino of this.#waiting.behind(entry.ino)) {
      const waiter = ledger.overlay.get(ino);
      if (waiter !== undefined && settlement.isAwaited(waiter)) return true;
    }
    return false;
  }
}

/** Not put off by a failure. */
export function isFresh(entry: SpoolEntry): boolean {
  return attemptsOf(entry) === 0;
}

/** What failed, or waits for a sign-in, is due at once; null for what waits for quiet. */
export function dueAgain({ state }: SpoolEntry, nowMs: number): OwedState | null {
  if (state.kind === 'blocked') return owedAt(nowMs);
  if (state.kind !== 'owed' || state.attempts === 0) return null;
  return owedAt(nowMs, state.attempts, state.lastError, state.failure);
}
