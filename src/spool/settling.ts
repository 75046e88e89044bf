/**
 * From "the server said yes" to "nothing is owed": first the journal knows what the server has, then the caches are
 * told (they may take the payload over), then the node is settled. After a crash in between, recovery goes on at the
 * second.
 */
import type { DriveItem, Version } from '../drive/index.js';
import { isKnownElsewhere } from './known-elsewhere.js';
import { isGoneSince, overtakenAt } from './overtaken.js';
import { hasEdit } from './own-touch.js';
import { removedRemotely } from './remote-changes.js';
import { begun, type Operation, type SendContext } from './send-context.js';
import { type Ino, type Place, ROOT_INO } from './spool.js';
import { arrivedAt, owesAnything, type SpoolEntry, sameSecond, stillOwed } from './spool-entry.js';
import { isOnTop, versionsOf } from './touched.js';

export interface Arrival {
  readonly ino: Ino;
  readonly item: DriveItem;
  readonly place: Place;
  /** The generation of the content that the server now has; null when no content was sent. */
  readonly generation: number | null;
  /** A node whose item ours took over, or overwrote. */
  readonly over: SpoolEntry | null;
  /** We made the folder just now: nobody has put anything into it. */
  readonly isNewFolder?: boolean;
  /** The server copied it from another item of its own. */
  readonly isCopy?: boolean;
  /** The version that our content replaced, where there was one. */
  readonly replaced?: Version | null;
  /** Somebody else wrote into the file before we moved it, or told it a time. */
  readonly isEdited?: boolean;
  /** Somebody else did something to it after us, of which the caches know. */
  readonly isOvertaken?: boolean;
}

/** Records, tells and settles what one step has brought about. */
export async function settle(context: SendContext, operation: Operation, told: Arrival): Promise<void> {
  operation.phase = 'settling';
  operation.item = told.item;
  const { ledger, reached } = context;
  const sent = ledger.overlay.get(told.ino);
  const isTouch = sent !== undefined && told.generation === null;
  if (isTouch && (await isGoneSince(context, operation, sent, told))) return goneSince(context, told);
  const isEdited = isTouch && (await hasEdit(context, operation, sent, told.item));
  const newPlace = await overtakenAt(context, operation, told);
  const arrival = { ...told, isEdited, isOvertaken: newPlace !== null };
  reached('S8 server has it');
  record(context, operation, arrival);
  reached('S9 success recorded');
  await tell(context, arrival);
  await tellOfFormer(context, sent, arrival);
  reached('S10 caches told');
  const entry = ledger.overlay.get(arrival.ino);
  if (entry !== undefined) close(context, entry, arrival);
  if (newPlace !== null) context.emit({ kind: 'overtaken', ino: told.ino, places: [told.place, newPlace] });
  reached('S11 node settled');
}

function goneSince(context: SendContext, { ino, place }: Arrival): void {
  const entry = context.ledger.overlay.get(ino);
  if (entry !== undefined) removedRemotely(context, entry, place);
  context.emit({ kind: 'kept', ino, place });
}

/** The rest of it, for a node whose success is recorded and nothing more. */
export async function finish(context: SendContext, operation: Operation, entry: SpoolEntry): Promise<void> {
  operation.phase = 'settling';
  const arrival = { ino: entry.ino, ...entry.sent!, over: null };
  await tell(context, arrival);
  const current = context.ledger.overlay.get(entry.ino);
  if (current !== undefined) close(context, current, arrival);
}

/** The same for all that a crash left like that. */
export async function finishAll(context: SendContext): Promise<void> {
  for (const entry of [...context.ledger.overlay.all()])
    if (entry.sent !== null) await finish(context, begun(entry.ino, { kind: 'finish' }), entry);
}

/** Nothing of it is left to be sent. */
export function settleIdle({ ledger }: SendContext, entry: SpoolEntry): void {
  const rest = entry.item === null ? null : { ...entry, place: null };
  if (rest === null || !owesAnything(rest)) ledger.change({ drop: [entry.ino] });
}

function record(context: SendContext, { step }: Operation, arrival: Arrival): void {
  const { ledger, attributes } = context;
  const { ino, item, place, generation, over } = arrival;
  const entry = ledger.overlay.get(ino);
  if (entry === undefined) return;
  const arrived = arrivedAt(entry, place, item);
  const current = generation === null ? stepped(context, entry, arrived, arrival) : rebased(arrived, arrival);
  rememberPrint(context, entry, arrival);
  const { isCopy, isEdited, isOvertaken } = arrival;
  const also = {
    ...(isCopy && { isCopy }),
    ...(isEdited && { isEdited }),
    ...(isOvertaken && { isOvertaken }),
  };
  const sent = entry.removed ? null : { item, place, generation, ...also };
  const next = { ...current, place: entry.place, session: null, sent };
  const isMovedFolder = step.kind === 'move' && entry.kind === 'folder';
  const bind = { ino, item: item.id, ...(isMovedFolder && { path: step.to }) };
  // A time that was all that is owed: S11 says it in one go. After a crash it is told again, as if no answer had come.
  if (step.kind === 'set-modified' && !owesAnything(next) && !ledger.isNews(bind)) {
    ledger.changeInMemory({ ...next, sent: null });
    return;
  }
  const gone = over === null ? [] : [over.ino];
  ledger.change({ put: [next], drop: gone, bind, unbind: gone });
  if (over !== null) attributes.forget(over.ino);
}

/** The entry after a move or a time; what was removed here, or content made from, stays what it was before an edit. */
function stepped(
  context: SendContext,
  entry: SpoolEntry,
  arrived: SpoolEntry,
  { item, isEdited, isOvertaken }: Arrival,
): SpoolEntry {
  if (isEdited) return { ...arrived, removedVersion: entry.removedVersion };
  // What is known is then what came after.
  const before = isOvertaken
    ? entry.touched && versionsOf(entry.touched)
    : versionsBefore(context, entry, item);
  context.sentPrints.stepped(item.id, before ?? [], item.version);
  return context.ownVersions.stepped(arrived, before ?? undefined, item.version);
}

/** The versions that our operation changed: the tree may have been told of a newer one before the answer came. */
function versionsBefore(
  { remote }: SendContext,
  { touched }: SpoolEntry,
  item: DriveItem,
): readonly Version[] | undefined {
  const known = remote.tree.peek(item.id);
  if (touched === null || !isOnTop(touched, item)) return known && [known.version];
  const isOurs = known !== undefined && isOnTop(touched, known);
  return isOurs ? [...versionsOf(touched), known.version] : versionsOf(touched);
}

function rememberPrint(
  { sentPrints }: SendContext,
  { tried }: SpoolEntry,
  { item, generation, isCopy }: Arrival,
): void {
  const isSent = generation !== null && tried?.generation === generation && !isCopy;
  if (isSent) sentPrints.sent(item.id, item.version, tried.content);
}

/** Content that is newer than what was sent replaces what the server has now. */
function rebased(entry: SpoolEntry, { generation, item }: Arrival): SpoolEntry {
  const { content } = entry;
  if (content === null || content.generation === generation) return entry;
  return { ...entry, content: { ...content, base: { version: item.version } } };
}

async function tell(context: SendContext, arrival: Arrival): Promise<void> {
  const { remote, ledger, log, whereabouts } = context;
  const { ino, item, place, generation } = arrival;
  bindParent(context, arrival);
  const content = ledger.overlay.get(ino)?.content ?? null;
  const isCopy = arrival.isCopy ?? false;
  const isWhole = !isCopy && generation !== null && content?.generation === generation;
  const file = isWhole && context.payloads.sizeOf(content!.file) !== null ? content!.file : null;
  const isNewFolder = arrival.isNewFolder ?? false;
  const replaced = arrival.replaced ?? null;
  const isEdited = arrival.isEdited ?? false;
  const isOvertaken = arrival.isOvertaken ?? false;
  const event = {
    kind: 'stored',
    ...{ ino, parent: place.parent, item, file, isCopy, isNewFolder, replaced, isEdited, isOvertaken },
  } as const;
  const { over } = arrival;
  try {
    const isOver = over?.item != null && over.item !== item.id;
    // Somebody may have taken it out of our way, as has been told of while the answer was recorded.
    if (isOver && !isKnownElsewhere(context, over.item, whereabouts.pathAt(place)))
      await remote.removed({ kind: 'removed', ino: over.ino, item: over.item });
    await remote.stored(event);
  } catch (error) {
    log.error({ error, path: whereabouts.pathAt(place) }, 'what was sent could not be told to the caches');
  }
  context.emit(event);
}

/**
 * Where items are known by their paths, a moved file is another one, and what stood at the old path is no more. A folder's
 * is left to the next listing: who has something in it open reads on as what it was.
 */
async function tellOfFormer(
  { drive, remote }: SendContext,
  sent: SpoolEntry | undefined,
  { ino, item }: Arrival,
): Promise<void> {
  const former = sent?.item ?? null;
  if (drive.capabilities.stableIds || item.kind === 'folder') return;
  if (former === null || former === item.id) return;
  await remote.removed({ kind: 'removed', ino, item: former });
}

/** Whoever is told of a stored node finds its folder by ino. */
function bindParent(
  { ledger, identities, remote, whereabouts }: SendContext,
  { place, item }: Arrival,
): void {
  if (place.parent === ROOT_INO || identities.itemOf(place.parent) !== undefined) return;
  const parent = remote.tree.parentOf(item.id);
  if (parent === undefined || whereabouts.inoOf(parent) !== place.parent) return;
  ledger.change({ bind: { ino: place.parent, item: parent } });
}

function close(context: SendContext, entry: SpoolEntry, arrival: Arrival): void {
  const { ledger, payloads, clock } = context;
  const { content } = entry;
  const isSent = content !== null && content.generation === arrival.generation;
  const arrived = arrivedAt(entry, arrival.place, arrival.item);
  const modifiedMs = owedModified(context, arrived, arrival);
  const isOnlyTimes =
    modifiedMs !== null && !arrived.place && !arrived.removed && (isSent || content === null);
  const dueAtMs = isOnlyTimes ? context.times.join(entry.ino) : clock.now();
  const next: SpoolEntry = {
    ...arrived,
    ...(arrival.isEdited && { removedVersion: entry.removedVersion }),
    content: isSent ? null : content,
    modifiedMs,
    tried: isSent ? null : arrived.tried,
    sent: null,
    state: stillOwed(entry, dueAtMs),
  };
  if (owesAnything(next)) ledger.change({ put: [next] });
  else ledger.change({ drop: [next.ino] });
  if (isSent) payloads.discard(content.file);
}

/** The time that the server still has to be told, if any. */
function owedModified(context: SendContext, entry: SpoolEntry, arrival: Arrival): number | null {
  const { item, generation } = arrival;
  const { modifiedMs } = entry;
  const { keepsModifiedOnUpload, setsModified } = context.drive.capabilities;
  if (modifiedMs === null || entry.kind !== 'file' || !setsModified) return null;
  if (sameSecond(modifiedMs, item.modifiedMs)) return null;
  return generation !== null && !arrival.isCopy && keepsModifiedOnUpload ? null : modifiedMs;
}
