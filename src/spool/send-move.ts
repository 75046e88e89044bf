/** Moves an item to where it belongs, in one step also over a file that was replaced here. */
import { DriveError, type DriveItem } from '../drive/index.js';
import { moveBeside } from './conflict.js';
import { lookAtFolder, removedRemotely } from './remote-changes.js';
import { isSettling, type Operation, optionsOf, type SendContext } from './send-context.js';
import type { SendStep } from './send-plan.js';
import { settle } from './settling.js';
import { owedAt, type SpoolEntry } from './spool-entry.js';

type Move = Extract<SendStep, { kind: 'move' }>;

export async function sendMove(
  context: SendContext,
  operation: Operation,
  step: Move,
  entry: SpoolEntry,
): Promise<void> {
  if (entry.state.kind !== 'staged') {
    context.ledger.changeInMemory({ ...entry, state: { kind: 'sending', bytesSent: 0 } });
  }
  operation.phase = 'sending';
  if (step.over !== null && (await isChanged(context, operation, step, step.over))) return;
  try {
    const overwrite = step.over !== null;
    const item = await context.drive.move(step.path, step.to, { ...optionsOf(operation), overwrite });
    await arrive(context, operation, step, item);
  } catch (error) {
    if (!(error instanceof DriveError) || isSettling(operation)) throw error;
    await lookAgain(context, operation, step, error);
  }
}

/** MOVE has no condition on what it overwrites, so we look before. Somebody's newer version is not overwritten. */
async function isChanged(
  context: SendContext,
  operation: Operation,
  step: Move,
  over: SpoolEntry,
): Promise<boolean> {
  const there = await statOrNull(context, operation, step.to);
  if (there === null || over.removedVersion === null || there.version === over.removedVersion) return false;
  if (there.id === over.item && isOurVersion(context, over, there)) return false;
  const entry = context.ledger.overlay.get(operation.ino)!;
  context.ledger.change({ drop: [over.ino] });
  moveBeside(context, entry, step.place);
  return true;
}

/** The server rewrote what we uploaded: no change of anybody's. */
function isOurVersion({ attributes }: SendContext, over: SpoolEntry, there: DriveItem): boolean {
  return attributes.get(over.ino)?.written?.forVersion === there.version;
}

async function lookAgain(
  context: SendContext,
  operation: Operation,
  step: Move,
  error: DriveError,
): Promise<void> {
  const entry = context.ledger.overlay.get(operation.ino);
  if (entry === undefined || entry.item === null) return;
  if (error.kind !== 'absent' && error.kind !== 'exists') throw error;
  const there = await statOrNull(context, operation, step.to);
  // The answer to an earlier attempt was lost.
  if (there?.id === entry.item) return arrive(context, operation, step, there);
  if (error.kind === 'exists') {
    if (there !== null) moveBeside(context, entry, step.place);
    else again(context, entry);
    return;
  }
  const { tree } = context.remote;
  const lastPlace = context.whereabouts.serverPlaceOf(entry.item);
  const fresh = await tree.refresh(entry.item, { ...optionsOf(operation), maxAgeMs: 0 });
  if (fresh === null) return removedRemotely(context, entry, lastPlace);
  if (tree.pathOf(entry.item) !== step.path) return again(context, entry);
  return lookAtFolder(context, operation, step.place.parent, error);
}

async function arrive(
  context: SendContext,
  operation: Operation,
  step: Move,
  item: DriveItem,
): Promise<void> {
  const { place, over } = step;
  await settle(context, operation, { ino: operation.ino, item, place, generation: null, over });
}

function again({ ledger, clock }: SendContext, { ino }: SpoolEntry): void {
  const entry = ledger.overlay.get(ino);
  if (entry?.state.kind === 'sending') ledger.change({ put: [{ ...entry, state: owedAt(clock.now()) }] });
}

async function statOrNull(
  { drive }: SendContext,
  operation: Operation,
  path: string,
): Promise<DriveItem | null> {
  try {
    return await drive.stat(path, optionsOf(operation));
  } catch (error) {
    if (error instanceof DriveError && error.kind === 'absent') return null;
    throw error;
  }
}
