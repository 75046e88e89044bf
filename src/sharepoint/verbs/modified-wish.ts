/** A modification time that somebody wants set, and what came of it. */
import type { DriveItem, DrivePath, ModifiedOptions } from '../../drive/index.js';
import { isMisreadingOf } from '../wire/form-date.js';
import type { Remote } from './remote.js';
import { statAfterWrite } from './stat.js';

export interface Wish {
  readonly path: DrivePath;
  readonly modifiedMs: number;
  readonly options: ModifiedOptions;
  readonly resolve: (item: DriveItem) => void;
  readonly reject: (error: unknown) => void;
}

/** What one attempt came to: the item as it is now, or why not. */
export type Outcome =
  | { readonly item: DriveItem; readonly complaint: string | null }
  | { readonly error: unknown };

/** The server shows the time, and had nothing to say against it. */
export function isGranted({ modifiedMs }: Wish, outcome: Outcome): boolean {
  return 'item' in outcome && outcome.complaint === null && outcome.item.modifiedMs === modifiedMs;
}

/**
 * A front end that lags behind shows the time before ours (protocol notes 5.2.6). Taken for what the server made of the
 * date, another writing would be tried, and a worse one stay. So one item is looked at until it shows our time or would
 * have; only if it does (or `isSure`, that the date was read as it was meant) all the others are. A time that servers
 * make of ours is none of before.
 */
export async function caughtUp(
  remote: Remote,
  wishes: readonly Wish[],
  outcomes: readonly Outcome[],
  isSure: boolean,
): Promise<readonly Outcome[]> {
  const mayLag = (outcome: Outcome, index: number) =>
    'item' in outcome &&
    outcome.complaint === null &&
    !isGranted(wishes[index]!, outcome) &&
    !isMisreadingOf(wishes[index]!.modifiedMs, outcome.item.modifiedMs);
  const witness = outcomes.findIndex(mayLag);
  if (witness < 0) return outcomes;
  const seen = await lookedAt(remote, wishes[witness]!);
  const known = outcomes.with(witness, seen);
  if (!isSure && 'item' in seen && !isGranted(wishes[witness]!, seen)) return known;
  return Promise.all(
    known.map((outcome, index) =>
      index !== witness && mayLag(outcome, index) ? lookedAt(remote, wishes[index]!) : outcome,
    ),
  );
}

async function lookedAt(remote: Remote, { path, modifiedMs, options }: Wish): Promise<Outcome> {
  try {
    const item = await statAfterWrite(remote, path, options, (there) => there.modifiedMs === modifiedMs);
    return { item, complaint: null };
  } catch (error) {
    return { error };
  }
}
