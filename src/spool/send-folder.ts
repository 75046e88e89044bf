/** Makes a folder on the server; one that is there already, by whoever's hand, becomes ours. */
import { DriveError, type DriveItem, type ItemId } from '../drive/index.js';
import { again } from './again.js';
import { moveBeside } from './conflict.js';
import { isDefinite } from './entry-state.js';
import { isOnItsWay, stands } from './in-the-way.js';
import { takeOverFolder } from './one-folder.js';
import { lookAtFolder } from './remote-changes.js';
import { isSettling, type Operation, optionsOf, type SendContext } from './send-context.js';
import type { SendStep } from './send-plan.js';
import { settle } from './settling.js';
import type { Ino } from './spool.js';
import { newEntry, owedAt, type SpoolEntry, samePlace } from './spool-entry.js';
import { putTried } from './tried.js';

type MakeFolder = Extract<SendStep, { kind: 'make-folder' }>;

/** A folder holds no bytes of its own. */
const NOTHING = { size: 0, digest: null };

export async function sendFolder(
  context: SendContext,
  operation: Operation,
  step: MakeFolder,
  entry: SpoolEntry,
): Promise<void> {
  const { ledger } = context;
  const tried = { place: step.place, generation: 0, content: NOTHING, earlier: [] };
  ledger.change({ put: [{ ...entry, tried, state: { kind: 'sending', bytesSent: 0 } }] });
  context.reached('S7 attempt recorded');
  operation.phase = 'sending';
  try {
    const isGone = (id: ItemId) => isGoneItem(context, id);
    const item = await context.drive.makeDirectory(step.path, { ...optionsOf(operation), isGone });
    if (isBackElsewhere(context, step, operation.ino)) return takeBack(context, operation, step, item);
    await arrive(context, operation, step, { item, isNewFolder: true });
  } catch (error) {
    if (!(error instanceof DriveError) || isSettling(operation)) throw error;
    // What exists may be what this attempt made, whose answer was lost.
    if (error.kind !== 'exists' && isDefinite(error.kind)) putTried(context, entry.ino, entry.tried);
    await lookAgain(context, operation, step, error);
  }
}

/** Removed by us, or by others: it is not what has just been made. */
function isGoneItem({ removedItems, identities }: SendContext, item: ItemId): boolean {
  return removedItems.has(item) || identities.formerInoOf(item) !== undefined;
}

/** The folder that this one was made again for came back meanwhile: then that one is ours (`JoinedFolders`). */
function isBackElsewhere({ identities, whereabouts }: SendContext, { place }: MakeFolder, ino: Ino): boolean {
  const former = identities.formerItemOf(ino);
  const now = former === undefined ? null : whereabouts.serverPlaceOf(former);
  return now !== null && !samePlace(now, place);
}

/** Nobody needs what has just been made: it goes, unless somebody has put something into it. */
function takeBack(context: SendContext, operation: Operation, { place }: MakeFolder, item: DriveItem): void {
  const { ledger, clock, whereabouts } = context;
  operation.phase = 'settling';
  operation.item = item;
  const unneeded = newEntry(whereabouts.inoOf(item.id), 'folder', owedAt(clock.now()));
  ledger.change({ put: [{ ...unneeded, item: item.id, origin: place, removed: true }] });
  again(context, operation.ino, { tried: null });
}

async function lookAgain(
  context: SendContext,
  operation: Operation,
  step: MakeFolder,
  error: DriveError,
): Promise<void> {
  if (error.kind === 'absent') return lookAtFolder(context, operation, step.place.parent, error);
  if (error.kind !== 'exists') throw error;
  const item = await context.drive.stat(step.path, optionsOf(operation));
  if (isOnItsWay(context, item)) {
    stands(context, item, step.place);
    return again(context, operation.ino);
  }
  if (item.kind === 'folder') return arrive(context, operation, step, { item, isNewFolder: false });
  const entry = context.ledger.overlay.get(operation.ino);
  if (entry !== undefined) moveBeside(context, entry, step.place);
}

function arrive(
  context: SendContext,
  operation: Operation,
  step: MakeFolder,
  { item, isNewFolder }: { readonly item: DriveItem; readonly isNewFolder: boolean },
): Promise<void> {
  if (!isNewFolder) takeOverFolder(context, operation.ino, item.id);
  return settle(context, operation, {
    ino: operation.ino,
    item,
    place: step.place,
    generation: null,
    over: null,
    isNewFolder,
  });
}
