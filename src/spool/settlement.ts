import type { Ledger } from './ledger.js';
import type { Ino } from './spool.js';
import type { SpoolEntry } from './spool-entry.js';
import type { Whereabouts } from './whereabouts.js';

interface Waiter {
  readonly inos: readonly Ino[] | 'all';
  readonly resolve: () => void;
  /** A node that is still owed: as long as it is, nobody needs to look at the others. */
  witness: Ino;
}

/** Barriers behind which nothing is owed at or below some nodes. */
export class Settlement {
  readonly #ledger: Ledger;
  readonly #whereabouts: Whereabouts;
  readonly #waiters = new Set<Waiter>();

  constructor(ledger: Ledger, whereabouts: Whereabouts) {
    this.#ledger = ledger;
    this.#whereabouts = whereabouts;
    ledger.onChange(() => this.#look());
  }

  async settled(inos: readonly Ino[] | 'all', signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const witness = this.#witness(inos);
    if (witness === undefined) return;
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiters.delete(waiter);
        reject(signal.reason);
      };
      const done = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const waiter: Waiter = { inos, resolve: done, witness };
      this.#waiters.add(waiter);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #look(): void {
    for (const waiter of this.#waiters) {
      const entry = this.#ledger.overlay.get(waiter.witness);
      if (entry !== undefined && this.#counts(entry, waiter.inos)) continue;
      const witness = this.#witness(waiter.inos);
      if (witness !== undefined) {
        waiter.witness = witness;
        continue;
      }
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }

  #witness(inos: readonly Ino[] | 'all'): Ino | undefined {
    for (const entry of this.#ledger.overlay.all()) if (this.#counts(entry, inos)) return entry.ino;
    return undefined;
  }

  /** A file that somebody still writes to is not owed yet, unless it is the very one that is asked about. */
  #counts(entry: SpoolEntry, inos: readonly Ino[] | 'all'): boolean {
    const isStaged = entry.state.kind === 'staged';
    if (inos === 'all') return !isStaged;
    if (inos.includes(entry.ino)) return true;
    return !isStaged && inos.some((ino) => this.#whereabouts.isWithin(entry.ino, ino));
  }
}
