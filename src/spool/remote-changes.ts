/**
 * When the remote changes under what we owe: what was removed there and is still owed here is made again, with the
 * folders above it; what nobody here has the bytes of is gone.
 */
import type { DriveError, DriveItem, ItemId } from '../drive/index.js';
import { again } from './again.js';
import { mayBeAnywhere } from './nowhere.js';
import { type Operation, optionsOf, type SendContext } from './send-context.js';
import { type Ino, type Place, ROOT_INO } from './spool.js';
import { newEntry, owedAt, type SpoolEntry, stillOwed } from './spool-entry.js';

export interface RemoteRemoval {
  readonly item: ItemId;
  readonly kind: DriveItem['kind'];
  readonly lastPlace: Place;
  /** The item that its folder is. */
  readonly folder: ItemId;
}

type RemovalContext = Pick<
  SendContext,
  'ledger' | 'clock' | 'attributes' | 'gone' | 'remote' | 'whereabouts' | 'emit'
>;

/** The server no longer has an item. False: nothing is owed for it or in it. */
export function itemRemovedRemotely(
  context: SendContext,
  { item, kind, lastPlace, folder }: RemoteRemoval,
): boolean {
  const { ledger, whereabouts } = context;
  const entry = ledger.overlay.ofItem(item);
  const isOwed = entry !== undefined || ledger.overlay.hasPlacedIn(whereabouts.inoOf(item));
  // What is made again is found by its folder, if that is not to be made again itself.
  const { parent } = lastPlace;
  const isBound = parent === ROOT_INO || ledger.overlay.get(parent)?.item === null;
  if (isOwed && !isBound) bindFolder(context, parent, folder);
  if (isOwed && isToBeFound(context, entry, lastPlace)) return true;
  if (entry === undefined) return kind === 'folder' && folderRemovedRemotely(context, item, lastPlace);
  removedRemotely(context, entry, lastPlace);
  return true;
}

function bindFolder({ identities, ledger }: SendContext, ino: Ino, item: ItemId): void {
  if (identities.itemOf(ino) !== item) ledger.change({ bind: { ino, item } });
}

/** The server no longer has the item of an entry. */
export function removedRemotely(context: RemovalContext, entry: SpoolEntry, lastPlace: Place | null): void {
  const { ledger, clock } = context;
  const place = entry.place ?? lastPlace ?? entry.origin;
  const isNeeded =
    entry.content !== null || (entry.kind === 'folder' && ledger.overlay.hasPlacedIn(entry.ino));
  if (entry.removed || !isNeeded || place === null) {
    if (entry.kind === 'folder' && lastPlace !== null) context.gone.add(entry.ino, lastPlace);
    ledger.change({ drop: [entry.ino], unbind: [entry.ino] });
    if (entry.removed) context.attributes.forget(entry.ino);
    return;
  }
  const state = stillOwed(entry, clock.now());
  const content = entry.content && ({ ...entry.content, base: 'absent' } as const);
  const fresh = { item: null, place, origin: null, tried: null, session: null, sent: null };
  ledger.change({ put: [{ ...entry, ...fresh, content, state }], unbind: [entry.ino] });
  // Who knows it by the item that is gone would find nothing in it.
  context.emit({ kind: 'kept', ino: entry.ino, place });
  makeFoldersAbove(context, place);
}

/**
 * The server no longer has a folder that owes nothing itself. True when something that is owed belongs into it: then it
 * is made again, and was never gone here.
 */
function folderRemovedRemotely(context: RemovalContext, item: ItemId, lastPlace: Place): boolean {
  const { ledger, whereabouts, gone } = context;
  const ino = whereabouts.inoOf(item);
  gone.add(ino, lastPlace);
  if (!ledger.overlay.hasPlacedIn(ino)) return false;
  makeFoldersAbove(context, { parent: ino, name: '' });
  return true;
}

/**
 * Whoever is sent finds out by himself. And where the server gives no ids, what a move of ours took elsewhere seems to be
 * gone until it has been looked for there: the node, or a folder above it.
 */
function isToBeFound(
  { drive, plan }: Pick<SendContext, 'drive' | 'plan'>,
  entry: SpoolEntry | undefined,
  lastPlace: Place,
): boolean {
  if (entry?.state.kind === 'sending') return true;
  if (drive.capabilities.stableIds) return false;
  return entry?.touched?.to != null || plan.unsureAbove(lastPlace.parent) !== undefined;
}

/** Something is owed in a folder that the server does not have: it is made where it was, as far as anybody remembers. */
export function makeFolderFor(context: RemovalContext, folder: Ino): void {
  const { gone, whereabouts } = context;
  if (gone.placeOf(folder) === undefined) gone.add(folder, guessedPlace(whereabouts.folderPath(folder)));
  makeFoldersAbove(context, { parent: folder, name: '' });
}

/** Of the folders above a place those that somebody removed, each where it was. */
function makeFoldersAbove(context: RemovalContext, { parent }: Place): void {
  const { ledger, clock, gone, remote, whereabouts, emit } = context;
  for (let at = parent; at !== ROOT_INO && ledger.overlay.get(at) === undefined; ) {
    const place = gone.placeOf(at);
    const item = whereabouts.itemOf(at);
    const isThere = item !== undefined && remote.tree.pathOf(item) !== undefined;
    if (place === undefined || isThere) return;
    const folder = { ...newEntry(at, 'folder', owedAt(clock.now())), place };
    ledger.change({ put: [folder], unbind: [at] });
    emit({ kind: 'kept', ino: at, place });
    at = place.parent;
  }
}

/**
 * The server says that the folder of something we send is not there. It was moved (then the tree knows where by now),
 * or it is gone: then it is made again. Throws `error` when neither explains it, to try later.
 */
export async function lookAtFolder(
  context: SendContext,
  operation: Operation,
  folder: Ino,
  error: DriveError,
): Promise<void> {
  const { whereabouts, remote, gone } = context;
  const item = whereabouts.itemOf(folder);
  if (folder === ROOT_INO || item === undefined) throw error;
  if (gone.placeOf(folder) === undefined && (await mayBeAnywhere(context, operation, item))) throw error;
  const before = whereabouts.folderPath(folder);
  const lastPlace = whereabouts.serverPlaceOf(item) ?? gone.placeOf(folder) ?? guessedPlace(before);
  const fresh = await remote.tree.refresh(item, { ...optionsOf(operation), maxAgeMs: 0 });
  if (fresh !== null && whereabouts.folderPath(folder) === before) throw error;
  if (fresh === null) makeFolderAgain(context, folder, item, lastPlace);
  again(context, operation.ino);
}

function makeFolderAgain(
  { ledger, clock, emit }: SendContext,
  folder: Ino,
  item: ItemId,
  lastPlace: Place,
): void {
  const present = ledger.overlay.get(folder);
  if (present !== undefined && present.item !== item) return;
  const entry = present ?? newEntry(folder, 'folder', owedAt(clock.now()));
  const fresh = {
    item: null,
    removed: false,
    origin: null,
    tried: null,
    sent: null,
    state: owedAt(clock.now()),
  };
  const place = entry.place ?? lastPlace;
  ledger.change({ put: [{ ...entry, ...fresh, place }], unbind: [folder] });
  emit({ kind: 'kept', ino: folder, place });
}

/** Where nobody remembers the folders above, the folder is made again at the top, under its own name. */
export function guessedPlace(path: string | undefined): Place {
  return { parent: ROOT_INO, name: path?.slice(path.lastIndexOf('/') + 1) || 'recovered' };
}
