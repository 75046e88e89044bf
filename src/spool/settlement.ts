import type { Ledger } from './ledger.js';
import type { Ino } from './spool.js';
import type { SpoolEntry } from './spool-entry.js';
import type { Whereabouts } from './whereabouts.js';

interface Waiter {
  readonly inos: readonly Ino[] | 'all';
  readonly resolve: () => void;
  /** What was owed when the waiting began: it counts until it has arrived, though somebody writes to it again. */
  readonly owedAtFirst: ReadonlySet<Ino>;
  /** A node that is still owed: as long as it is, nobody needs to look at the others. */
  witness: Ino;
}

/** Barriers behind which nothing is owed at or below some nodes. */
export class Settlement {
  readonly #ledger: Ledger;
  readonly #whereabouts: Whereabouts;
  readonly #waiters = new Set<Waiter>();
  /** Told of what is waited for from now on. */
  onWait: (inos: Iterable<Ino>) => void = () => undefined;

  constructor(ledger: Ledger, whereabouts: Whereabouts) {
    this.#ledger = ledger;
    this.#whereabouts = whereabouts;
    ledger.onChange(() => this.#look());
  }

  async settled(inos: readonly Ino[] | 'all', signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const owedAtFirst = new Set<Ino>();
    for (const entry of this.#ledger.overlay.all())
      if (this.#counts(entry, { inos, owedAtFirst })) owedAtFirst.add(entry.ino);
    const [witness] = owedAtFirst;
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
      const waiter: Waiter = { inos, resolve: done, owedAtFirst, witness };
      this.#waiters.add(waiter);
      signal.addEventListener('abort', onAbort, { once: true });
      this.onWait(owedAtFirst);
    });
  }

  get isWaiting(): boolean {
    return this.#waiters.size > 0;
  }

  /** Somebody waits until this has arrived: no reason to let it rest. */
  isAwaited(entry: SpoolEntry): boolean {
    for (const waiter of this.#waiters) if (this.#counts(entry, waiter)) return true;
    return false;
  }

  #look(): void {
    for (const waiter of this.#waiters) {
      const entry = this.#ledger.overlay.get(waiter.witness);
      if (entry !== undefined && this.#counts(entry, waiter)) continue;
      const witness = this.#witness(waiter);
      if (witness !== undefined) {
        waiter.witness = witness;
        continue;
      }
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }

  #witness(waiter: Waiter): Ino | undefined {
    for (const entry of this.#ledger.overlay.all()) if (this.#counts(entry, waiter)) return entry.ino;
    return undefined;
  }

  /** A file that somebody still writes to is not owed yet, unless it is the very one that is asked about. */
  #counts(entry: SpoolEntry, { inos, owedAtFirst }: Pick<Waiter, 'inos' | 'owedAtFirst'>): boolean {
    const isOwed = entry.state.kind !== 'staged' || owedAtFirst.has(entry.ino);
    if (inos === 'all') return isOwed;
    if (inos.includes(entry.ino)) return true;
    return isOwed && inos.some((ino) => this.#whereabouts.isWithin(entry.ino, ino));
  }
}
