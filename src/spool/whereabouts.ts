/**
 * Where things are: here (as applications see it) and on the server. Everything is found by ino and item, so answers
 * stay right when folders above move. It only reads.
 */
import type { DrivePath, ItemId } from '../drive/index.js';
import type { Identities } from './identities.js';
import type { Overlay } from './overlay.js';
import type { RemoteView } from './remote-view.js';
import { type Ino, type Place, ROOT_INO } from './spool.js';
import type { SpoolEntry } from './spool-entry.js';

/** Folders nest at most this deep; a longer chain is a cycle in damaged data. */
export const DEEPEST = 1000;

export class Whereabouts {
  readonly #overlay: Overlay;
  readonly #identities: Identities;
  readonly #tree: RemoteView;

  constructor(overlay: Overlay, identities: Identities, tree: RemoteView) {
    this.#overlay = overlay;
    this.#identities = identities;
    this.#tree = tree;
  }

  inoOf(item: ItemId): Ino {
    if (item === this.#tree.root) return ROOT_INO;
    return this.#overlay.ofItem(item)?.ino ?? this.#madeAgainFor(item) ?? this.#identities.inoOf(item);
  }

  /** A folder that is to be made again stands for the item that is gone: for what was in that, and should it come back. */
  #madeAgainFor(item: ItemId): Ino | undefined {
    const ino = this.#identities.formerInoOf(item);
    const entry = ino === undefined ? undefined : this.#overlay.get(ino);
    return entry?.item === null && entry.kind === 'folder' ? ino : undefined;
  }

  itemOf(ino: Ino): ItemId | undefined {
    if (ino === ROOT_INO) return this.#tree.root;
    return this.#overlay.get(ino)?.item ?? this.#identities.itemOf(ino);
  }

  /** Where the server has an item, by ino. */
  serverPlaceOf(item: ItemId): Place | null {
    const parent = this.#tree.parentOf(item);
    const name = this.#tree.peek(item)?.name;
    return parent === undefined || name === undefined ? null : { parent: this.inoOf(parent), name };
  }

  /**
   * The folder that the server has an item in, as a pair to be remembered: whoever is made again, should it be removed
   * there, is found by it. Null: the top, or not known.
   */
  serverParentOf(item: ItemId | null): { readonly ino: Ino; readonly item: ItemId } | null {
    const parent = item === null ? undefined : this.#tree.parentOf(item);
    return parent === undefined || parent === this.#tree.root
      ? null
      : { ino: this.inoOf(parent), item: parent };
  }

  /** Where the server has the entry's item; for one that it has not (yet), where it was tried. */
  originOf(entry: SpoolEntry): Place | null {
    const known = entry.item === null ? null : this.serverPlaceOf(entry.item);
    return known ?? entry.origin ?? entry.tried?.place ?? null;
  }

  /** The path of a folder on the server. Undefined: not there yet, or not known. */
  folderPath(ino: Ino): DrivePath | undefined {
    if (ino === ROOT_INO) return '/';
    const item = this.itemOf(ino);
    if (item === undefined) return undefined;
    return this.#tree.pathOf(item) ?? this.#identities.pathHintOf(ino);
  }

  /** Where `place` is on the server. */
  pathAt({ parent, name }: Place): DrivePath | undefined {
    const folder = this.folderPath(parent);
    if (folder === undefined) return undefined;
    return folder === '/' ? `/${name}` : `${folder}/${name}`;
  }

  /** Where the server has the entry's item. */
  pathOf(entry: SpoolEntry): DrivePath | undefined {
    const known = entry.item === null ? undefined : this.#tree.pathOf(entry.item);
    if (known !== undefined) return known;
    const origin = this.originOf(entry);
    if (origin !== null) return this.pathAt(origin);
    return entry.item === null ? undefined : this.#identities.pathHintOf(entry.ino);
  }

  /** Where the server may have an item that the tree has not heard of: as it was when its move was recorded, or tried. */
  *rememberedPaths(ino: Ino): Iterable<DrivePath> {
    const entry = this.#overlay.get(ino);
    const before = entry && this.pathOf(entry);
    const after = entry?.touched?.to == null ? undefined : this.pathAt(entry.touched.to);
    for (const path of [before, after, this.#identities.pathHintOf(ino)]) if (path !== undefined) yield path;
  }

  /** True when `ino` is `ancestor`, or below it, as applications see it. */
  isWithin(ino: Ino, ancestor: Ino): boolean {
    let at: Ino | undefined = ino;
    for (let depth = 0; at !== undefined && depth < DEEPEST; depth += 1) {
      if (at === ancestor) return true;
      at = at === ROOT_INO ? undefined : this.#parentHere(at);
    }
    return false;
  }

  /** The folders above `ino` as applications see them, nearest first. */
  *above(ino: Ino): Iterable<Ino> {
    let at = this.#parentHere(ino);
    for (let depth = 0; at !== undefined && depth < DEEPEST; depth += 1) {
      yield at;
      at = at === ROOT_INO ? undefined : this.#parentHere(at);
    }
  }

  #parentHere(ino: Ino): Ino | undefined {
    const entry = this.#overlay.get(ino);
    if (entry?.place) return entry.place.parent;
    if (entry) return this.originOf(entry)?.parent;
    const item = this.#identities.itemOf(ino);
    const parent = item === undefined ? undefined : this.#tree.parentOf(item);
    return parent === undefined ? undefined : this.inoOf(parent);
  }
}
