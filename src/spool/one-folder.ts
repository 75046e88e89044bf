/**
 * Two nodes turn out to be one folder: one that is to be made here, and what the server has in its place. What is owed in the
 * other one is owed in ours from then on; what is of one name in both is kept twice.
 */
import type { ItemId } from '../drive/index.js';
import { moveBeside } from './conflict.js';
import type { SendContext } from './send-context.js';
import type { Ino, Place } from './spool.js';
import { isFolder, type SpoolEntry } from './spool-entry.js';

/** `ino` is to stand for `item`, which was another node here so far; the caller binds the two. */
export function takeOverFolder(context: SendContext, ino: Ino, item: ItemId): void {
  const before = context.whereabouts.inoOf(item);
  if (before !== ino) takeOver(context, before, ino, item);
}

function takeOver(context: SendContext, before: Ino, ino: Ino, item: ItemId | null): void {
  const { ledger, emit } = context;
  const { overlay } = ledger;
  for (const other of [...overlay.placedIn(before)]) {
    const place = { parent: ino, name: other.place!.name };
    const present = overlay.placedAt(ino, place.name);
    if (present === undefined) continue;
    if (isNewFolder(present) && isNewFolder(other)) {
      takeOver(context, other.ino, present.ino, null);
      ledger.change({ drop: [other.ino] });
    } else moveBeside(context, other, place);
  }
  const put: SpoolEntry[] = [];
  for (const entry of overlay.all()) {
    const moved = within(entry, before, ino);
    if (moved !== entry) put.push(moved);
  }
  if (put.length > 0) ledger.change({ put });
  emit({ kind: 'joined', ino, before, item, places: [] });
}

/** The server was never asked for it. */
function isNewFolder(entry: SpoolEntry): boolean {
  return isFolder(entry) && entry.item === null && entry.tried === null && entry.state.kind !== 'sending';
}

/** The same entry where nothing of it is about the folder `before`. */
function within(entry: SpoolEntry, before: Ino, ino: Ino): SpoolEntry {
  const { place, origin, tried, touched, sent } = entry;
  const isAbout = [place, origin, tried?.place, touched?.to, sent?.place].some(
    (one) => one?.parent === before,
  );
  if (!isAbout) return entry;
  const moved = <P extends Place | null>(one: P): P =>
    one?.parent === before ? { ...one, parent: ino } : one;
  return {
    ...entry,
    place: moved(place),
    origin: moved(origin),
    tried: tried && { ...tried, place: moved(tried.place) },
    touched: touched && { ...touched, to: moved(touched.to) },
    sent: sent && { ...sent, place: moved(sent.place) },
  };
}
