/**
 * Two folders that were moved into each other, the one here and the other by somebody else: both can't be had, and as
 * long as both are shown neither is reachable. What the server has stays.
 */
import { again } from './again.js';
import { type Operation, optionsOf, type SendContext } from './send-context.js';
import type { SendStep } from './send-plan.js';
import type { Ino } from './spool.js';
import { isFolder, owesAnything, type SpoolEntry, stillOwed } from './spool-entry.js';

/** Asks first what has changed since: the other folder may be on its way out again. */
export async function sendStay(context: SendContext, operation: Operation, entry: SpoolEntry): Promise<void> {
  const { ledger, remote, plan } = context;
  if (entry.state.kind !== 'staged')
    ledger.changeInMemory({ ...entry, state: { kind: 'sending', bytesSent: 0 } });
  await remote.tree.catchUp(optionsOf(operation));
  operation.phase = 'sending';
  const current = ledger.overlay.get(entry.ino);
  if (current !== undefined && plan.next(current).kind === 'stay') stay(context, current);
  else again(context, entry.ino);
}

/** The same at once, when it is told of: until its turn came neither could be reached. */
export class OutOfEachOther {
  readonly #context: SendContext;
  readonly #stepOf: (ino: Ino) => SendStep | null;
  /** The move was under way: when its answer is in, it may have to stay all the same. */
  readonly #waiting = new Set<Ino>();

  constructor(context: SendContext, stepOf: (ino: Ino) => SendStep | null) {
    this.#context = context;
    this.#stepOf = stepOf;
  }

  /** Somebody else moved folders. */
  moved(): void {
    const { overlay } = this.#context.ledger;
    const moved = [...overlay.all()].filter(
      (entry) => isFolder(entry) && entry.item !== null && entry.place !== null,
    );
    for (const { ino } of moved) this.#look(ino);
  }

  /** A step has ended. */
  retry(): void {
    for (const ino of [...this.#waiting]) this.#look(ino);
  }

  #look(ino: Ino): void {
    const { ledger, plan } = this.#context;
    this.#waiting.delete(ino);
    const entry = ledger.overlay.get(ino);
    if (entry === undefined) return;
    const step = this.#stepOf(ino);
    if (step !== null && step.kind !== 'stay') this.#waiting.add(ino);
    else if (plan.next(entry).kind === 'stay') stay(this.#context, entry);
  }
}

function stay(context: SendContext, entry: SpoolEntry): void {
  const { ledger, clock, log, whereabouts, emit } = context;
  const { ino, place } = entry;
  const next = { ...entry, place: null, state: stillOwed(entry, clock.now()) };
  log.warn(
    { path: whereabouts.pathOf(entry), name: place?.name },
    'somebody else moved the folder that this one was moved into below it: it stays where it was',
  );
  ledger.change(owesAnything(next) ? { put: [next] } : { drop: [ino] });
  emit({ kind: 'kept', ino, place });
  emit({ kind: 'kept', ino, place: whereabouts.originOf(entry) });
}
