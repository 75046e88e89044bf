/**
 * A creation or a move was tried, its outcome is not known, and the node is to be elsewhere by now: look whether it
 * arrived where it was tried. If so, what is left is a move, or a removal, from there.
 */
import type { DriveItem, DrivePath } from '../drive/index.js';
import type { There } from './content-there.js';
import { foundMoved } from './found-moved.js';
import { itemAt } from './item-at.js';
import { isOwnTouch } from './own-touch.js';
import { type Operation, optionsOf, type SendContext } from './send-context.js';
import type { SendStep } from './send-plan.js';
import { isSoughtAgain } from './sought.js';
import type { Ino, Place } from './spool.js';
import { type SpoolEntry, stillOwed } from './spool-entry.js';
import { versionsOf } from './touched.js';
import { isWhatWasTried } from './whose-content.js';

type Look = Extract<SendStep, { kind: 'look' }>;

export async function sendLook(
  context: SendContext,
  operation: Operation,
  { path, place }: Look,
  entry: SpoolEntry,
): Promise<void> {
  const { ledger, clock } = context;
  ledger.changeInMemory({ ...entry, state: { kind: 'sending', bytesSent: 0 } });
  operation.phase = 'sending';
  const from = entry.item === null ? undefined : context.whereabouts.pathOf(entry);
  const known = await foundMoved(context, operation, entry, { path: from, to: path, place });
  const item = known ?? (await itemAt(context, operation, path));
  const isOurs =
    item !== null && (item === known || (await hasArrived(context, operation, entry, { path, item })));
  const isEdited = isOurs && (await isEditedSince(context, operation, entry, { path, item }));
  if (!isOurs) {
    await nothingThere(context, operation, entry.ino, { path, place });
    return;
  }
  operation.phase = 'settling';
  const current = ledger.overlay.get(entry.ino);
  if (current === undefined) return;
  const state = stillOwed(current, clock.now());
  operation.item = item;
  const found = entry.item === null ? created(current, item) : moved(context, current, item, isEdited);
  const put = [{ ...found, item: item.id, origin: place, touched: null, state }];
  ledger.change({ put, bind: { ino: entry.ino, item: item.id } });
  const isNewFolder = false;
  const event = {
    kind: 'stored',
    ino: entry.ino,
    parent: place.parent,
    item,
    file: null,
    isCopy: false,
    isNewFolder,
    replaced: null,
    isEdited,
    isOvertaken: false,
  } as const;
  await context.remote.stored(event);
  context.emit(event);
}

/** What the server has nowhere stands in nobody's way. */
async function nothingThere(
  context: SendContext,
  operation: Operation,
  ino: Ino,
  at: { readonly path: DrivePath; readonly place: Place },
): Promise<void> {
  const { ledger, clock } = context;
  const asked = ledger.overlay.get(ino);
  if (asked === undefined || (await isSoughtAgain(context, operation, asked, at))) return;
  const entry = ledger.overlay.get(ino);
  if (entry === undefined) return;
  const state = stillOwed(entry, clock.now());
  const { item, removed, origin } = entry;
  const forgotten = item === null ? { tried: null, origin: removed ? origin : null } : {};
  ledger.change({ put: [{ ...entry, ...forgotten, touched: null, state }] });
}

/** Content made from a version that somebody's edit came after keeps its base, so that its upload finds the edit. */
function moved(
  { ownVersions }: SendContext,
  entry: SpoolEntry,
  item: DriveItem,
  isEdited: boolean,
): SpoolEntry {
  const { touched } = entry;
  if (touched === null || isEdited) return entry;
  return ownVersions.stepped(entry, versionsOf(touched), item.version);
}

async function isEditedSince(
  context: SendContext,
  operation: Operation,
  { item, kind, touched }: SpoolEntry,
  there: There,
): Promise<boolean> {
  if (item === null || touched === null || kind === 'folder') return false;
  return !(await isOwnTouch(context, optionsOf(operation), { item, touched }, touched.before, there));
}

function created(entry: SpoolEntry, item: DriveItem): SpoolEntry {
  const content = entry.content && { ...entry.content, base: { version: item.version } };
  const removedVersion = entry.removed ? item.version : null;
  return { ...entry, item: item.id, tried: null, content, removedVersion };
}

async function hasArrived(
  context: SendContext,
  operation: Operation,
  { item: known, kind, tried }: SpoolEntry,
  there: There,
): Promise<boolean> {
  if (known !== null) return there.item.id === known;
  if (kind === 'folder') return there.item.kind === 'folder';
  return isWhatWasTried(context, operation, there, tried);
}
