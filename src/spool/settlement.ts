import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../base/index.js';
import { turnsOver } from './in-turns.js';
import type { Ledger } from './ledger.js';
import type { Ino } from './spool.js';
import type { SpoolEntry } from './spool-entry.js';
import type { Whereabouts } from './whereabouts.js';

interface Waiter {
  readonly inos: readonly Ino[] | 'all';
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
  /** What was owed when the waiting began: it counts until it has arrived, though somebody writes to it again. */
  readonly owedAtFirst: ReadonlySet<Ino>;
  /** A node that is still owed: as long as it is, nobody needs to look at the others. */
  witness: Ino | undefined;
  /** While another witness is looked for, a few milliseconds in a turn: what changed since it may have been looked at. */
  changed: Set<Ino> | null;
}

/** Barriers behind which nothing is owed at or below some nodes. */
export class Settlement {
  readonly #ledger: Ledger;
  readonly #whereabouts: Whereabouts;
  readonly #clock: Clock;
  readonly #waiters = new Set<Waiter>();
  /** Told of what is waited for from now on. */
  onWait: (inos: Iterable<Ino>) => void = () => undefined;

  constructor(ledger: Ledger, whereabouts: Whereabouts, clock: Clock) {
    this.#ledger = ledger;
    this.#whereabouts = whereabouts;
    this.#clock = clock;
    ledger.onChange((inos) => this.#look(inos));
  }

  async settled(inos: readonly Ino[] | 'all', signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const owedAtFirst = new Set<Ino>();
    // As it was when the waiting began: an entry never changes, another takes its place.
    const entries = [...this.#ledger.overlay.all()];
    const collect = (entry: SpoolEntry): void => {
      if (this.#counts(entry, { inos, owedAtFirst })) owedAtFirst.add(entry.ino);
    };
    for (const _ of turnsOver(this.#clock, entries, collect)) {
      await nextTurn();
      signal.throwIfAborted();
    }
    if (owedAtFirst.size > 0) await this.#wait(inos, owedAtFirst, signal);
  }

  get isWaiting(): boolean {
    return this.#waiters.size > 0;
  }

  /** Somebody waits until this has arrived: no reason to let it rest. */
  isAwaited(entry: SpoolEntry): boolean {
    for (const waiter of this.#waiters) if (this.#counts(entry, waiter)) return true;
    return false;
  }

  #wait(inos: readonly Ino[] | 'all', owedAtFirst: ReadonlySet<Ino>, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiters.delete(waiter);
        reject(signal.reason);
      };
      const done = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const [witness] = owedAtFirst;
      const waiter: Waiter = { inos, resolve: done, reject, owedAtFirst, witness, changed: null };
      this.#waiters.add(waiter);
      signal.addEventListener('abort', onAbort, { once: true });
      this.onWait(owedAtFirst);
      // What was owed at first may have arrived while the others were looked at.
      this.#look([]);
    });
  }

  #look(changed: readonly Ino[]): void {
    for (const waiter of this.#waiters) {
      if (waiter.changed !== null) for (const ino of changed) waiter.changed.add(ino);
      else if (!this.#isOwed(waiter.witness, waiter)) void this.#findWitness(waiter);
    }
  }

  /** Resolves the waiter when there is none. */
  async #findWitness(waiter: Waiter): Promise<void> {
    try {
      let among: Iterable<Ino> = inosOf(this.#ledger.overlay.all());
      do {
        waiter.changed = new Set();
        waiter.witness = await this.#firstOwed(among, waiter);
        // What changed meanwhile may count by now, and the one that was found not any more.
        among = waiter.witness === undefined ? waiter.changed : inosOf(this.#ledger.overlay.all());
      } while (this.#waiters.has(waiter) && !this.#isFound(waiter));
      waiter.changed = null;
    } catch (error) {
      this.#waiters.delete(waiter);
      waiter.reject(error);
    }
  }

  /** True: there is a witness, or there can be none. */
  #isFound(waiter: Waiter): boolean {
    if (waiter.witness !== undefined) return this.#isOwed(waiter.witness, waiter);
    if (waiter.changed!.size > 0) return false;
    this.#waiters.delete(waiter);
    waiter.resolve();
    return true;
  }

  async #firstOwed(inos: Iterable<Ino>, waiter: Waiter): Promise<Ino | undefined> {
    let found: Ino | undefined;
    const untilFound = this.#until(inos, () => found !== undefined);
    const look = (ino: Ino): void => {
      if (this.#isOwed(ino, waiter)) found = ino;
    };
    for (const _ of turnsOver(this.#clock, untilFound, look)) await nextTurn();
    return found;
  }

  *#until(inos: Iterable<Ino>, isEnough: () => boolean): Iterable<Ino> {
    for (const ino of inos) {
      yield ino;
      if (isEnough()) return;
    }
  }

  #isOwed(ino: Ino | undefined, waiter: Waiter): boolean {
    const entry = ino === undefined ? undefined : this.#ledger.overlay.get(ino);
    return entry !== undefined && this.#counts(entry, waiter);
  }

  /** A file that somebody still writes to is not owed yet, unless it is the very one that is asked about. */
  #counts(entry: SpoolEntry, { inos, owedAtFirst }: Pick<Waiter, 'inos' | 'owedAtFirst'>): boolean {
    const isOwed = entry.state.kind !== 'staged' || owedAtFirst.has(entry.ino);
    if (inos === 'all') return isOwed;
    if (inos.includes(entry.ino)) return true;
    return isOwed && inos.some((ino) => this.#whereabouts.isWithin(entry.ino, ino));
  }
}

function* inosOf(entries: Iterable<SpoolEntry>): Iterable<Ino> {
  for (const { ino } of entries) yield ino;
}
