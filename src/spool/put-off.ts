import { backOffMs } from './back-off.js';
import type { SendContext } from './send-context.js';
import { owedAt, type SpoolEntry } from './spool-entry.js';

/** As after a failure: what nobody knows now may be told later. `before`: the entry as the step began with it. */
export function putOff(
  { ledger, clock }: Pick<SendContext, 'ledger' | 'clock'>,
  { ino, state }: SpoolEntry,
): void {
  const entry = ledger.overlay.get(ino);
  if (entry?.state.kind !== 'sending') return;
  const attempts = state.kind === 'owed' ? state.attempts + 1 : 1;
  const reason = 'nobody knows where this is on the server';
  ledger.changeInMemory({ ...entry, state: owedAt(clock.now() + backOffMs(attempts), attempts, reason) });
}
