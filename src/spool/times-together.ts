/**
 * Files of which nothing is owed any more but their times wait for each other: a request takes many of them. They are due
 * once they fill one, or the first of them has waited long enough; sooner while somebody waits.
 */
import type { SendContext } from './send-context.js';
import type { Ino } from './spool.js';
import { owedAt, owesOnlyTimes } from './spool-entry.js';

type Parts = Pick<SendContext, 'ledger' | 'clock' | 'limits' | 'settlement'>;

export class TimesTogether {
  readonly #parts: Parts;
  readonly #members = new Set<Ino>();
  #dueAtMs = Number.NEGATIVE_INFINITY;
  /** Who waited need not wait any longer. */
  onDue: (inos: readonly Ino[]) => void = () => undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** When the time of that node is due, if nobody releases it before. */
  join(ino: Ino): number {
    const { clock, limits, settlement } = this.#parts;
    const now = clock.now();
    if (now >= this.#dueAtMs) {
      this.#members.clear();
      this.#dueAtMs = now + (settlement.isWaiting ? limits.timesAwaitedMs : limits.timesRestMs);
    }
    this.#members.add(ino);
    if (this.#members.size < limits.timesTogether) return this.#dueAtMs;
    this.#members.delete(ino);
    this.release();
    return now;
  }

  /** All that wait are due now. */
  release(): void {
    const { ledger, clock } = this.#parts;
    const due: Ino[] = [];
    for (const ino of this.#members) {
      const entry = ledger.overlay.get(ino);
      if (entry?.state.kind !== 'owed' || entry.state.attempts > 0 || !owesOnlyTimes(entry)) continue;
      ledger.changeInMemory({ ...entry, state: owedAt(clock.now()) });
      due.push(ino);
    }
    this.#members.clear();
    this.#dueAtMs = Number.NEGATIVE_INFINITY;
    this.onDue(due);
  }
}
