/**
 * Somebody may have changed, moved or removed an item after what we did to it, and the news of that may come before our answer. What
 * the answer tells is then what was before: believed, it would hide what is there for ever, for no change log says it twice.
 */
import type { DriveItem, ItemId, Version } from '../drive/index.js';
import { itemAt } from './item-at.js';
import type { Operation, SendContext } from './send-context.js';
import type { Place } from './spool.js';
import { type SpoolEntry, samePlace } from './spool-entry.js';

/** What is known of an item on the server; a folder's version says little, for it may change with what is in it. */
export interface Seen {
  readonly place: Place;
  readonly version: Version | null;
}

export function seenOf({ remote, whereabouts }: SendContext, id: ItemId | null): Seen | null {
  const item = id === null ? undefined : remote.tree.peek(id);
  const place = id === null ? null : whereabouts.serverPlaceOf(id);
  return item === undefined || place === null ? null : seenAt(place, item);
}

function seenAt(place: Place, { kind, version }: DriveItem): Seen {
  return { place, version: kind === 'folder' ? null : version };
}

/** What an answer says. */
interface Told {
  readonly item: DriveItem;
  readonly place: Place;
}

/** True when it is known to be gone by now, and is: told of as there it would be shown for ever. */
export async function isGoneSince(
  context: SendContext,
  operation: Operation,
  sent: SpoolEntry,
  { item, place }: Told,
): Promise<boolean> {
  const { drive, remote, whereabouts } = context;
  const isKnown = sent.item !== item.id || remote.tree.peek(item.id) !== undefined;
  const path = whereabouts.pathAt(place);
  if (isKnown || path === undefined || !drive.capabilities.stableIds) return false;
  return (await itemAt(context, operation, path))?.id !== item.id;
}

/** Where it is known to be now, if that, or what it is now, is newer than the answer. Asks the server only where there was news. */
export async function overtakenAt(
  context: SendContext,
  operation: Operation,
  { item, place }: Told,
): Promise<Place | null> {
  const now = seenOf(context, item.id);
  const told = seenAt(place, item);
  if (now === null || isSame(now, told) || (operation.seen !== null && isSame(now, operation.seen)))
    return null;
  const path = context.whereabouts.pathAt(place);
  const there = path === undefined ? null : await itemAt(context, operation, path);
  const isAsTold = there?.id === item.id && seenAt(place, there).version === told.version;
  return isAsTold ? null : now.place;
}

function isSame(one: Seen, other: Seen): boolean {
  return one.version === other.version && samePlace(one.place, other.place);
}
