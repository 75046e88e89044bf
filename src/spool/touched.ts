/**
 * A move or a change of the time whose outcome nobody knows: which version of the item is then nobody else's edit. Such
 * attempts may follow each other, each from what is known by then.
 */
import { type DriveItem, mayBeShownAs, type Version } from '../drive/index.js';
import type { Place } from './spool.js';
import type { SpoolEntry } from './spool-entry.js';
import type { Attempts } from './step-lengths.js';

/** An item with this time is still the same content as in version `before`. */
export interface Touched {
  /** The version that the first of the attempts was made of. */
  readonly before: Version;
  /** Those that the later ones were made of: what the attempts before them had led to. */
  readonly since?: readonly Version[];
  readonly modifiedMs: number;
  /** Of a file, bytes, as it was known: another size is somebody's edit, whatever its time is. */
  readonly size?: number;
  /** Times that the item may have as well, of attempts before this one that had no known outcome either. */
  readonly earlierTimes?: readonly number[];
  /** How many there were; missing in records of an older make. */
  readonly attempts?: Attempts;
  /** Where a move was to take it. */
  readonly to: Place | null;
  /** When it was looked for there in vain at first, milliseconds of the wall clock. */
  readonly soughtMs?: number;
}

/** How many attempts with an unknown outcome are remembered. */
const MOST_ATTEMPTS = 16;

/** What is known of an item: its size only where it is a file's. */
type Known = Pick<DriveItem, 'version' | 'modifiedMs'> & Partial<Pick<DriveItem, 'kind' | 'size'>>;

/** Every version that is the same content as what the attempts led to. */
export function versionsOf({ before, since = [] }: Touched): readonly Version[] {
  return [before, ...since];
}

/** True when what is `there` is the version `before`, only moved or with a time that we had told the server. */
export function isTouched(
  { touched }: Pick<SpoolEntry, 'touched'>,
  before: Version | null,
  there: DriveItem,
): boolean {
  if (touched === null || before === null || !versionsOf(touched).includes(before)) return false;
  return !isEdited(touched, there) && mayHaveTime(touched, there.modifiedMs);
}

/** True when somebody else's bytes are in what we moved or told a time, without our having known of them. */
export function isEdited({ size }: Touched, there: Pick<DriveItem, 'size'>): boolean {
  return size !== undefined && size !== there.size;
}

/** True when `known` is what the attempts have led to so far, or where they began. */
export function isOnTop(touched: Touched, { version, modifiedMs, size }: Known): boolean {
  if (touched.before === version) return true;
  return mayHaveTime(touched, modifiedMs) && (size === undefined || !isEdited(touched, { size }));
}

/**
 * What to remember before `known` is moved, or told a time. Where that comes on top of an attempt without a known
 * outcome, the versions from before all of them count: unless `known` is already somebody's edit since.
 */
export function touching(
  { touched }: SpoolEntry,
  known: Known,
  told: { readonly modifiedMs: number; readonly to: Place | null },
): Touched {
  const attempt = known.kind === 'file' && known.size !== undefined ? { ...told, size: known.size } : told;
  const one = told.to === null ? { moves: 0, times: 1 } : { moves: 1, times: 0 };
  if (touched === null || !isOnTop(touched, known))
    return { ...attempt, before: known.version, attempts: one };
  const earlierTimes = newest([...(touched.earlierTimes ?? []), touched.modifiedMs]);
  const since = newest([...(touched.since ?? []), known.version].filter((one) => one !== touched.before));
  const { moves, times } = attemptsAt(touched);
  const attempts = { moves: moves + one.moves, times: times + one.times };
  return { ...attempt, before: touched.before, ...(since.length > 0 && { since }), earlierTimes, attempts };
}

/** One of the attempts has led to `version`, and the next begins there. */
export function through(touched: Touched, version: Version): Touched {
  if (versionsOf(touched).includes(version)) return touched;
  return { ...touched, since: newest([...(touched.since ?? []), version]) };
}

/** How many attempts led from `before` to what is there now, at most. */
export function attemptsAt({ attempts }: Touched): Attempts {
  return attempts ?? { moves: MOST_ATTEMPTS, times: MOST_ATTEMPTS };
}

function newest<One>(all: readonly One[]): readonly One[] {
  return [...new Set(all)].slice(-MOST_ATTEMPTS);
}

function mayHaveTime({ modifiedMs, earlierTimes = [] }: Touched, thereMs: number): boolean {
  return [modifiedMs, ...earlierTimes].some((told) => mayBeShownAs(told, thereMs));
}
