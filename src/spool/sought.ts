/**
 * What an attempt with an unknown outcome may have left is not where it was tried. That may be true, or the front end
 * that was asked does not show it yet, others have moved the folder meanwhile, or the request is still on its way: only
 * a look that comes later says that nothing is there.
 */
import type { DrivePath } from '../drive/index.js';
import { again } from './again.js';
import { type Operation, optionsOf, type SendContext } from './send-context.js';
import type { Place } from './spool.js';
import { owedAt, type SpoolEntry, type Tried } from './spool-entry.js';
import type { Touched } from './touched.js';

const REASON = 'an attempt before may have reached the server: it is looked for once more';

/** True: nothing is there now, and whether that is true is asked once more, later, or where the place is by now. */
export async function isSoughtAgain(
  context: SendContext,
  operation: Operation,
  entry: SpoolEntry,
  { path, place }: { readonly path: DrivePath; readonly place: Place },
): Promise<boolean> {
  const { ledger, remote, whereabouts } = context;
  if (attemptOf(entry) === null) return false;
  const sought = lookedFor(context, entry);
  if (sought !== null) {
    ledger.change({ put: [sought] });
    return true;
  }
  await remote.tree.catchUp(optionsOf(operation));
  const isElsewhere = whereabouts.pathAt(place) !== path;
  if (isElsewhere) again(context, entry.ino);
  return isElsewhere;
}

/** With what is known of the first look; null: it was looked for long enough. */
function lookedFor({ clock, limits }: SendContext, entry: SpoolEntry): SpoolEntry | null {
  const now = clock.now();
  // The machine's clock may have been set back over a restart.
  const soughtMs = Math.min(attemptOf(entry)?.soughtMs ?? now, now);
  const dueAtMs = soughtMs + limits.lagMs;
  return dueAtMs <= now ? null : { ...entry, ...noted(entry, soughtMs), state: restUntil(entry, dueAtMs) };
}

function attemptOf({ item, tried, touched }: SpoolEntry): Tried | Touched | null {
  return item === null ? tried : touched;
}

function noted({ item, tried, touched }: SpoolEntry, soughtMs: number): Partial<SpoolEntry> {
  if (item === null) return { tried: { ...(tried as Tried), soughtMs } };
  return { touched: { ...(touched as Touched), soughtMs } };
}

/** As after a failure: nobody's hurry makes a front end show more. */
function restUntil({ state }: SpoolEntry, dueAtMs: number): SpoolEntry['state'] {
  return state.kind === 'staged' ? state : owedAt(dueAtMs, 1, REASON);
}
