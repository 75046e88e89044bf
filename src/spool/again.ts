import type { SendContext } from './send-context.js';
import type { Ino } from './spool.js';
import { owedAt, type SpoolEntry } from './spool-entry.js';

/** Ends a step that found something else than was thought: with `found`, what is to be done is thought over anew. */
export function again(
  { ledger, clock }: Pick<SendContext, 'ledger' | 'clock'>,
  ino: Ino,
  found: Partial<SpoolEntry> | null = null,
): void {
  const entry = ledger.overlay.get(ino);
  const isEnding = entry?.state.kind === 'sending';
  if (entry === undefined || (!isEnding && found === null)) return;
  const state = isEnding ? owedAt(clock.now()) : entry.state;
  ledger.change({ put: [{ ...entry, ...found, state }] });
}
