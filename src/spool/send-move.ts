/** Moves an item to where it belongs, in one step also over a file that was replaced here. */
import { DriveError, type DriveItem, type Version } from '../drive/index.js';
import { again } from './again.js';
import { moveBeside } from './conflict.js';
import { isDefinite } from './entry-state.js';
import { foundMoved } from './found-moved.js';
import { isOnItsWay, stands } from './in-the-way.js';
import { itemAt } from './item-at.js';
import { isKnownElsewhere } from './known-elsewhere.js';
import { lookFirst } from './look-first.js';
import { isGivenUp, isKnown } from './nowhere.js';
import { isOwnTouch } from './own-touch.js';
import { lookAtFolder, removedRemotely } from './remote-changes.js';
import { isSettling, type Operation, optionsOf, type SendContext } from './send-context.js';
import type { SendStep } from './send-plan.js';
import { goneFromServer } from './send-removal.js';
import { settle } from './settling.js';
import { isFolder, type SpoolEntry, samePlace, withVersion } from './spool-entry.js';
import { touching } from './touched.js';
import { isOwnDoing, isWhatWasTried } from './whose-content.js';

type Move = Extract<SendStep, { kind: 'move' }>;

export async function sendMove(
  context: SendContext,
  operation: Operation,
  step: Move,
  entry: SpoolEntry,
): Promise<void> {
  const before = context.remote.tree.peek(entry.item!);
  const known = before ?? { version: '', modifiedMs: 0 };
  const touched = touching(entry, known, { modifiedMs: known.modifiedMs, to: step.place });
  const state = entry.state.kind === 'staged' ? entry.state : ({ kind: 'sending', bytesSent: 0 } as const);
  context.ledger.change({ put: [{ ...entry, touched, state }] });
  operation.phase = 'sending';
  try {
    const found = await foundMoved(context, operation, entry, step);
    if (found !== null) return await arrive(context, operation, step, found);
    await lookFirst(context, operation, entry.item!, step.path);
    if (step.over !== null && !(await mayReplace(context, operation, step, step.over))) return;
    const item = entry.item!;
    const overwrite = step.over !== null;
    const options = { ...optionsOf(operation), overwrite, item, ...condition(context, entry) };
    const end = context.remote.tree.expect(item, step.to);
    let isRefused = false;
    try {
      const moved = await context.drive.move(step.path, step.to, options);
      if (context.drive.capabilities.stableIds && moved.id !== item) context.remote.tree.unmoved(item);
      await arrive(context, operation, step, moved);
    } catch (error) {
      isRefused = error instanceof DriveError && !isSettling(operation) && isDefinite(error.kind);
      throw error;
    } finally {
      end(isRefused);
    }
  } catch (error) {
    if (!(error instanceof DriveError) || isSettling(operation)) throw error;
    if (error.kind === 'changed') await lookAtVersion(context, operation, step, entry);
    else await lookAgain(context, operation, step, error);
  }
}

/**
 * MOVE has no condition on what it overwrites, so we look before: somebody's newer version is not overwritten. False
 * when there is nothing left to be moved now.
 */
async function mayReplace(
  context: SendContext,
  operation: Operation,
  step: Move,
  over: SpoolEntry,
): Promise<boolean> {
  const there = await itemAt(context, operation, step.to);
  const entry = context.ledger.overlay.get(operation.ino);
  if (entry === undefined) return true;
  // The answer to an earlier attempt was lost.
  if (there !== null && there.id === entry.item) {
    await arrive(context, operation, step, there);
    return false;
  }
  if (there?.id !== over.item && wasTakenAway(context, step, over)) {
    again(context, operation.ino);
    return false;
  }
  if (there === null) return true;
  if (there.id !== over.item && isOnItsWay(context, there)) {
    // What was to be overwritten was: by a move of ours, of something that has to be looked for first.
    await goneFromServer(context, over);
    again(context, operation.ino);
    return false;
  }
  if (isFolder(over) || there.version === over.removedVersion) return true;
  const found = { path: step.to, item: there };
  if (there.id === over.item && (await isOwnDoing(context, operation, over, found))) return true;
  context.ledger.change({ drop: [over.ino] });
  beside(context, operation, step);
  return false;
}

/**
 * True when somebody else moved it elsewhere: then no move overwrites it, and what becomes of its removal is thought over
 * where it is now. Else the caches would be told that it is gone, and nobody would look for it again.
 */
function wasTakenAway(context: SendContext, { to }: Move, { ino }: SpoolEntry): boolean {
  const { ledger, whereabouts } = context;
  const over = ledger.overlay.get(ino);
  if (over?.item == null || !isKnownElsewhere(context, over.item, to)) return false;
  ledger.change({ put: [{ ...over, origin: whereabouts.serverPlaceOf(over.item) }] });
  return true;
}

/**
 * Content that waits for this move must not be sent over somebody's edit, which the move's own new version would hide:
 * so the move is made of the version that the content was made from. Where that is another one already, the content's
 * upload will find out.
 */
function condition({ remote }: SendContext, { item, content }: SpoolEntry): { readonly version?: string } {
  const base = content?.base;
  if (item === null || typeof base !== 'object') return {};
  return remote.tree.peek(item)?.version === base.version ? { version: base.version } : {};
}

/** Not the version that our content was made from: unless that is our own doing, the content's upload will find out. */
async function lookAtVersion(
  context: SendContext,
  operation: Operation,
  { path }: Move,
  before: SpoolEntry,
): Promise<void> {
  const { ledger, remote } = context;
  const fresh = await remote.tree.refresh(before.item!, { ...optionsOf(operation), maxAgeMs: 0 });
  const version = baseOf(ledger.overlay.get(before.ino));
  const there = fresh && { path: remote.tree.pathOf(fresh.id) ?? path, item: fresh };
  const isOurs = there !== null && (await isOwnTouch(context, optionsOf(operation), before, version, there));
  const entry = ledger.overlay.get(before.ino);
  if (entry === undefined) return;
  // This attempt was refused: nothing that the server has came of it.
  const refused = { ...entry, touched: isOurs ? null : before.touched };
  ledger.change({ put: [isOurs ? withVersion(refused, [version!], there.item.version) : refused] });
  again(context, operation.ino);
}

function baseOf(entry: SpoolEntry | undefined): Version | null {
  const base = entry?.content?.base;
  return typeof base === 'object' ? base.version : null;
}

async function lookAgain(
  context: SendContext,
  operation: Operation,
  step: Move,
  error: DriveError,
): Promise<void> {
  const { ledger, remote, whereabouts } = context;
  const item = ledger.overlay.get(operation.ino)?.item ?? null;
  if (item === null) return;
  if (error.kind !== 'absent' && error.kind !== 'exists') throw error;
  const there = await itemAt(context, operation, step.to);
  // The answer to an earlier attempt was lost.
  if (there?.id === item) return arrive(context, operation, step, there);
  if (error.kind === 'exists') {
    if (there !== null && (await isLeftover(context, operation, step, there))) {
      const options = { ...optionsOf(operation), overwrite: true, item };
      return arrive(context, operation, step, await context.drive.move(step.path, step.to, options));
    }
    if (there !== null && !isOnItsWay(context, there)) return beside(context, operation, step);
    if (there !== null) stands(context, there, step.place);
    return again(context, operation.ino);
  }
  if (!(await isKnown(context, operation, item))) {
    if (there !== null || !isGivenUp(context, operation)) throw error;
    const unknown = ledger.overlay.get(operation.ino);
    if (unknown?.item === item) return removedRemotely(context, unknown, null);
    return again(context, operation.ino);
  }
  const lastPlace = whereabouts.serverPlaceOf(item);
  const fresh = await remote.tree.refresh(item, { ...optionsOf(operation), maxAgeMs: 0 });
  // It may have been written to, or found to be gone, while we asked.
  const current = ledger.overlay.get(operation.ino);
  if (current === undefined || current.item !== item) return again(context, operation.ino);
  if (fresh === null) return removedRemotely(context, current, lastPlace);
  if (remote.tree.pathOf(item) !== step.path) return again(context, operation.ino);
  return lookAtFolder(context, operation, step.place.parent, error);
}

/** True when an attempt of what this replaces left it there: its outcome was not known when that was looked for. */
async function isLeftover(
  context: SendContext,
  operation: Operation,
  { to, place }: Move,
  item: DriveItem,
): Promise<boolean> {
  const tried = context.ledger.overlay.get(operation.ino)?.tried ?? null;
  if (tried === null || !samePlace(tried.place, place)) return false;
  return isWhatWasTried(context, operation, { path: to, item }, tried);
}

/** As it is by now: while the server was asked it may have been written to. */
function beside(context: SendContext, { ino }: Operation, { place }: Move): void {
  const entry = context.ledger.overlay.get(ino);
  if (entry !== undefined) moveBeside(context, entry, place);
}

/** What is no longer owed was told of by then: it went by itself, or stays where somebody took it. */
function isOverwritten(context: SendContext, step: Move, over: SpoolEntry): boolean {
  return context.ledger.overlay.get(over.ino) !== undefined && !wasTakenAway(context, step, over);
}

async function arrive(
  context: SendContext,
  operation: Operation,
  step: Move,
  item: DriveItem,
): Promise<void> {
  const { place } = step;
  const over = step.over !== null && isOverwritten(context, step, step.over) ? step.over : null;
  await settle(context, operation, { ino: operation.ino, item, place, generation: null, over });
}
