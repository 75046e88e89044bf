/**
 * A folder that is to be made is on the server already: somebody else made it or moved it there, or brought back the one that
 * ours was to be made again for. The two are one at once. As two, ours would hide what is in the other until it is sent.
 */
import type { DriveItem, ItemId } from '../drive/index.js';
import { takeOverFolder } from './one-folder.js';
import type { SendContext } from './send-context.js';
import type { Ino, Place } from './spool.js';
import { isFolder, owesAnything, type SpoolEntry, samePlace } from './spool-entry.js';

export class JoinedFolders {
  readonly #context: SendContext;
  /** Came while a step was under way that would not know of it. */
  readonly #waiting = new Set<ItemId>();

  constructor(context: SendContext) {
    this.#context = context;
  }

  /** A folder was not known to be where it is on the server. */
  came(item: ItemId): void {
    const { ledger, remote, whereabouts } = this.#context;
    this.#waiting.delete(item);
    if (ledger.overlay.size === 0 || remote.tree.peek(item) === undefined) return;
    this.#cameBack(item);
    const place = whereabouts.serverPlaceOf(item);
    if (place !== null) this.#joinAt(place);
  }

  /** A step has ended. */
  retry(): void {
    for (const item of [...this.#waiting]) this.came(item);
  }

  /** Ours was to be made again for it, where it was. Where the user moved ours since, that is where it is to go. */
  #cameBack(item: ItemId): void {
    const { ledger, gone, whereabouts } = this.#context;
    const entry = ledger.overlay.get(whereabouts.inoOf(item));
    const origin = whereabouts.serverPlaceOf(item);
    if (entry === undefined || origin === null || !isToBeMade(entry) || samePlace(entry.place, origin))
      return;
    if (entry.state.kind === 'sending') {
      this.#waiting.add(item);
      return;
    }
    const isAsItWas = samePlace(gone.placeOf(entry.ino) ?? null, entry.place);
    this.#join(entry, item, { origin, place: isAsItWas ? null : entry.place });
  }

  #joinAt(place: Place): void {
    const { ledger, remote, whereabouts } = this.#context;
    const { overlay } = ledger;
    const entry = overlay.placedAt(place.parent, place.name);
    const folder = whereabouts.itemOf(place.parent);
    if (entry === undefined || folder === undefined || !isToBeMade(entry)) return;
    if (entry.tried !== null && !samePlace(entry.tried.place, place)) return;
    const item = remote.tree.named(folder, place.name);
    if (item === undefined || !this.#isFree(item)) return;
    if (this.#isLeftByAnother(entry, place) || this.#isUnderWay(entry, whereabouts.inoOf(item.id))) {
      this.#waiting.add(item.id);
      return;
    }
    this.#join(entry, item.id, { origin: place, place: null });
  }

  /** Nothing of ours is about to take it elsewhere. */
  #isFree({ id, kind }: DriveItem): boolean {
    return kind === 'folder' && this.#context.ledger.overlay.ofItem(id) === undefined;
  }

  /** It may be what an attempt of another node of ours made, the answer to which is not known: that is to be removed. */
  #isLeftByAnother({ ino }: SpoolEntry, { parent, name }: Place): boolean {
    return this.#context.ledger.overlay.hasTriedAt(parent, name, ino);
  }

  /** What is being sent knows the folder by its node. */
  #isUnderWay(entry: SpoolEntry, before: Ino): boolean {
    const { overlay } = this.#context.ledger;
    if (entry.state.kind === 'sending') return true;
    if (before === entry.ino) return false;
    if (overlay.get(before) !== undefined) return true;
    for (const { state } of overlay.placedIn(before)) if (state.kind === 'sending') return true;
    return false;
  }

  #join(entry: SpoolEntry, item: ItemId, { origin, place }: Pick<SpoolEntry, 'origin' | 'place'>): void {
    const { ledger, emit } = this.#context;
    const { ino } = entry;
    const before = this.#context.whereabouts.inoOf(item);
    takeOverFolder(this.#context, ino, item);
    const next = { ...entry, item, origin, place, tried: null };
    const bind = { ino, item };
    ledger.change(owesAnything(next) ? { put: [next], bind } : { drop: [ino], bind });
    const places = [entry.place!, origin!];
    emit({ kind: 'joined', ino, before, item, places });
    for (const inside of [...ledger.overlay.placedIn(ino)]) this.#joinAt(inside.place!);
  }
}

function isToBeMade(entry: SpoolEntry): boolean {
  const { item, removed, sent, place } = entry;
  return isFolder(entry) && item === null && !removed && sent === null && place !== null;
}
