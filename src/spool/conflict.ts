/**
 * Somebody else was faster: ours goes beside theirs under a name that says so, and nothing of either is lost
 * (semantics: Conflict).
 */
import { conflictName } from './conflict-name.js';
import type { SendContext } from './send-context.js';
import type { Ino, Place } from './spool.js';
import { newEntry, owedAt, owesAnything, type SpoolEntry, samePlace, stillOwed } from './spool-entry.js';

/** A conflict copy that the user has not dealt with yet. */
export interface Conflict {
  readonly copy: Ino;
  readonly original: Ino;
  readonly atMs: number;
}

/**
 * The bytes of `entry` become a node of their own beside the server's item; one that the server never had keeps its
 * identity and only changes its name.
 */
export function keepBoth(context: SendContext, entry: SpoolEntry, at: Place): void {
  const place = freePlace(context, at);
  const copy = entry.item === null ? renamed(context, entry, place) : split(context, entry, place);
  context.reached('S17 conflict recorded');
  context.metrics.add('uploads.conflicts');
  context.log.warn({ name: at.name, copy: place.name }, 'changed here and on the server: both are kept');
  context.emit({ kind: 'conflict', ino: entry.ino, copy, from: at });
}

/** Theirs stays where it is; our node, that was to be moved there, gets a name that says so. */
export function moveBeside(context: SendContext, entry: SpoolEntry, at: Place): void {
  const place = freePlace(context, at);
  const copy = renamed(context, entry, place);
  context.metrics.add('uploads.conflicts');
  context.log.warn(
    { name: at.name, copy: place.name },
    'the server has something else of that name: both are kept',
  );
  context.emit({ kind: 'conflict', ino: entry.ino, copy, from: at });
}

function freePlace(context: SendContext, { parent, name }: Place): Place {
  const { hostName, wallNow, ledger, remote, whereabouts } = context;
  const folder = whereabouts.itemOf(parent);
  const isTaken = (candidate: string): boolean =>
    ledger.overlay.placedAt(parent, candidate) !== undefined ||
    (folder !== undefined && remote.tree.named(folder, candidate) !== undefined);
  return { parent, name: conflictName(name, { host: hostName, atMs: wallNow(), isTaken }) };
}

function renamed({ ledger, clock, wallNow }: SendContext, entry: SpoolEntry, place: Place): SpoolEntry {
  const state = stillOwed(entry, clock.now());
  const copy: SpoolEntry = { ...entry, place, tried: null, session: null, state };
  ledger.change({ put: [copy], conflict: { copy: copy.ino, original: copy.ino, atMs: wallNow() } });
  return copy;
}

function split(
  { ledger, clock, identities, wallNow }: SendContext,
  entry: SpoolEntry,
  place: Place,
): SpoolEntry {
  const now = clock.now();
  const copy: SpoolEntry = {
    ...newEntry(identities.newIno(), entry.kind, owedAt(now)),
    place,
    content: { ...entry.content!, base: 'absent' },
    modifiedMs: entry.modifiedMs,
  };
  const rest: SpoolEntry = {
    ...entry,
    place: samePlace(entry.place, entry.origin) ? null : entry.place,
    content: null,
    modifiedMs: null,
    tried: null,
    session: null,
    state: owedAt(now),
  };
  const owes = owesAnything(rest);
  ledger.change({
    put: owes ? [copy, rest] : [copy],
    drop: owes ? [] : [entry.ino],
    conflict: { copy: copy.ino, original: entry.ino, atMs: wallNow() },
  });
  return copy;
}
