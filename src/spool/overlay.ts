/**
 * Everything that is owed, in memory and indexed the ways it is asked for. It answers and counts; it never writes to
 * the journal (`Ledger` keeps the two equal).
 */
import type { ItemId } from '../drive/index.js';
import { Leavers } from './leavers.js';
import { PlaceIndex } from './place-index.js';
import type { Ino, Place } from './spool.js';
import type { SpoolEntry } from './spool-entry.js';

export class Overlay {
  readonly #entries = new Map<Ino, SpoolEntry>();
  readonly #byItem = new Map<ItemId, Ino>();
  readonly #places = new PlaceIndex();
  readonly #origins = new PlaceIndex();
  readonly #leavers = new Leavers((ino) => this.#entries.get(ino));
  readonly #tried = new PlaceIndex();
  readonly #copies = new Set<Ino>();
  #bytesOwed = 0;
  #refused = 0;
  #staged = 0;

  /** Grows with every change of what is placed, removed or hidden. */
  namesVersion = 0;
  /** Grows with every change of what is owed. */
  version = 0;

  get size(): number {
    return this.#entries.size;
  }

  get bytesOwed(): number {
    return this.#bytesOwed;
  }

  get refused(): number {
    return this.#refused;
  }

  /** Being written by open files, so not yet due. */
  get staged(): number {
    return this.#staged;
  }

  get(ino: Ino): SpoolEntry | undefined {
    return this.#entries.get(ino);
  }

  ofItem(item: ItemId): SpoolEntry | undefined {
    // Mostly nothing is owed: then a long listing need not even hash what it asks for.
    if (this.#byItem.size === 0) return undefined;
    const ino = this.#byItem.get(item);
    return ino === undefined ? undefined : this.#entries.get(ino);
  }

  all(): Iterable<SpoolEntry> {
    return this.#entries.values();
  }

  *placedIn(parent: Ino): Iterable<SpoolEntry> {
    for (const ino of this.#places.in(parent)) yield this.#entries.get(ino)!;
  }

  hasPlacedIn(parent: Ino): boolean {
    return this.#places.hasAny(parent);
  }

  placedAt(parent: Ino, name: string): SpoolEntry | undefined {
    for (const ino of this.#places.at(parent, name)) return this.#entries.get(ino);
    return undefined;
  }

  placedVariant(parent: Ino, name: string): SpoolEntry | undefined {
    for (const variant of this.#places.variants(parent, name)) return this.placedAt(parent, variant);
    return undefined;
  }

  /** Entries that the server has in `parent` and that are elsewhere or gone here. */
  *originatingIn(parent: Ino): Iterable<SpoolEntry> {
    for (const ino of this.#origins.in(parent)) yield this.#entries.get(ino)!;
  }

  /** Something that the server has in `folder`, or in a removed folder below it, and that is elsewhere here. */
  leaverFrom(folder: Ino): SpoolEntry | undefined {
    return this.#leavers.from(folder);
  }

  hasOriginatingIn(parent: Ino): boolean {
    return this.#origins.hasAny(parent);
  }

  /** Entries that stand, on the server, where `name` in `parent` is. */
  *originatingAt(parent: Ino, name: string, ignoreCase: boolean): Iterable<SpoolEntry> {
    for (const ino of this.#origins.at(parent, name)) yield this.#entries.get(ino)!;
    if (!ignoreCase) return;
    for (const variant of this.#origins.variants(parent, name)) {
      for (const ino of this.#origins.at(parent, variant)) yield this.#entries.get(ino)!;
    }
  }

  /** Whether the server may have got another one than `except` under this name although its answer never came. */
  hasTriedAt(parent: Ino, name: string, except?: Ino): boolean {
    for (const ino of this.#tried.at(parent, name)) if (ino !== except) return true;
    return false;
  }

  /** Entries that the server was asked to fill by a copy, and of which nobody knows whether it did. */
  *openCopies(): Iterable<SpoolEntry> {
    for (const ino of this.#copies) yield this.#entries.get(ino)!;
  }

  put(entry: SpoolEntry): void {
    this.version += 1;
    const before = this.#entries.get(entry.ino);
    if (before === undefined || !isShownAlike(before, entry)) this.namesVersion += 1;
    this.#remove(before);
    this.#entries.set(entry.ino, entry);
    if (entry.item !== null) this.#byItem.set(entry.item, entry.ino);
    if (entry.place !== null) this.#places.add(entry.place, entry.ino);
    if (isAway(entry)) {
      this.#origins.add(entry.origin, entry.ino);
      this.#leavers.add(entry);
    }
    if (entry.item === null && entry.tried !== null) this.#tried.add(entry.tried.place, entry.ino);
    if (entry.item === null && entry.tried?.copyOf) this.#copies.add(entry.ino);
    this.#count(entry, 1);
  }

  drop(ino: Ino): void {
    this.version += 1;
    this.namesVersion += 1;
    this.#remove(this.#entries.get(ino));
    this.#entries.delete(ino);
  }

  #remove(entry: SpoolEntry | undefined): void {
    if (entry === undefined) return;
    if (entry.item !== null && this.#byItem.get(entry.item) === entry.ino) this.#byItem.delete(entry.item);
    if (entry.place !== null) this.#places.delete(entry.place, entry.ino);
    if (isAway(entry)) {
      this.#origins.delete(entry.origin, entry.ino);
      this.#leavers.delete(entry);
    }
    if (entry.item === null && entry.tried !== null) this.#tried.delete(entry.tried.place, entry.ino);
    this.#copies.delete(entry.ino);
    this.#count(entry, -1);
  }

  #count(entry: SpoolEntry, sign: 1 | -1): void {
    this.#bytesOwed += sign * (entry.content?.size ?? 0);
    if (entry.state.kind === 'refused') this.#refused += sign;
    if (entry.state.kind === 'staged') this.#staged += sign;
  }
}

/** The server has it where it is not to stay. */
function isAway(entry: SpoolEntry): entry is SpoolEntry & { readonly origin: Place } {
  return entry.origin !== null && (entry.removed || entry.place !== null);
}

/** Names are as before: where the node is placed, whether it is gone, what it stands for. */
function isShownAlike(one: SpoolEntry, other: SpoolEntry): boolean {
  return (
    one.place?.parent === other.place?.parent &&
    one.place?.name === other.place?.name &&
    one.removed === other.removed &&
    one.item === other.item &&
    one.kind === other.kind &&
    one.tried === other.tried
  );
}
