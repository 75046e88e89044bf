/**
 * Two folders that were moved into each other, the one here and the other by somebody else: both can't be had, and as
 * long as both are shown neither is reachable. What the server has stays.
 */
import { again } from './again.js';
import { type Operation, optionsOf, type SendContext } from './send-context.js';
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
export function stayOutOfEachOther(context: SendContext, isActive: (ino: Ino) => boolean): void {
  const { ledger, plan } = context;
  const moved = [...ledger.overlay.all()].filter(
    (entry) => isFolder(entry) && entry.item !== null && entry.place !== null && !isActive(entry.ino),
  );
  for (const { ino } of moved) {
    const entry = ledger.overlay.get(ino);
    if (entry !== undefined && plan.next(entry).kind === 'stay') stay(context, entry);
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
