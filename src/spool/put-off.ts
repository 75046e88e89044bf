import { backOffMs } from './back-off.js';
import type { SendContext } from './send-context.js';
import { attemptsOf, owedAt, type SpoolEntry } from './spool-entry.js';

/** As after a failure: what nobody knows now may be told later. The entry is as the step began with it. */
export function putOff(
  { ledger, clock }: Pick<SendContext, 'ledger' | 'clock'>,
  { ino, state }: SpoolEntry,
  reason = 'nobody knows where this is on the server',
): void {
  const entry = ledger.overlay.get(ino);
  if (entry?.state.kind !== 'sending') return;
  const attempts = attemptsOf({ state }) + 1;
  ledger.changeInMemory({ ...entry, state: owedAt(clock.now() + backOffMs(attempts), attempts, reason) });
}
