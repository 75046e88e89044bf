/** What a spool that nobody has open owes: for `status` of an account that is not mounted. Changes nothing. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Journal } from './journal.js';
import { JournalReserve } from './journal-reserve.js';
import type { Spool } from './spool.js';

const NOTHING: Spool['statistics'] = { owed: 0, active: 0, bytesOwed: 0, refused: 0, conflicts: 0 };

/** Nothing, too, when the journal can't be read: recovery at the next mount is the place to tell of damage. */
export function owedAtRest(stateDir: string): Spool['statistics'] {
  const path = join(stateDir, 'journal.db');
  if (!existsSync(path)) return NOTHING;
  let journal: Journal | null = null;
  try {
    journal = new Journal(path, stateDir, new JournalReserve(join(stateDir, 'reserve'), 0));
    const { entries } = journal.load();
    const bytesOwed = entries.reduce((sum, { content }) => sum + (content?.size ?? 0), 0);
    const refused = entries.filter(({ state }) => state.kind === 'refused').length;
    return { owed: entries.length, active: 0, bytesOwed, refused, conflicts: journal.conflicts().length };
  } catch {
    return NOTHING;
  } finally {
    if (journal?.database.open) journal.database.close();
  }
}
