/** What the items of an answer say about which folders had been moved when it was made. */
import type { DrivePath, ItemId, UnversionedItem } from '../drive/index.js';
import type { FolderMove } from './folder-moves.js';
import { isAtOrBelow, translated } from './moved-path.js';
import type { TreeEntry } from './tree-entry.js';
import { childPath, entryAt, isPlaced, pathOf, splitPath } from './tree-paths.js';
import type { TreeStore } from './tree-store.js';

const MOST_WITNESSES = 50;
/** The moved folder itself is where it would not be. */
const IS_ELSEWHERE = -1_000_000;
/** It is not where it would still be. */
const HAS_LEFT = 10;
/** An item is where the tree has it. */
const IS_WHERE_KNOWN = 1000;
const IS_IN_ANOTHERS_PLACE = -10;
const HAS_A_FOLDER = 1;

type Places = ReadonlyMap<DrivePath, ItemId>;

interface Witness {
  readonly path: DrivePath;
  readonly id: ItemId;
  readonly isKnown: boolean;
  /** Where the tree has it. */
  readonly knownAt: DrivePath | undefined;
}

export interface Shown {
  readonly items: readonly UnversionedItem[];
  readonly gone: ReadonlySet<ItemId>;
}

export class FrameWitnesses {
  readonly #store: TreeStore;
  readonly #moves: readonly FolderMove[];
  /** Those whose folder is still somewhere. */
  readonly #movesOfPlaced: readonly FolderMove[];
  /** Those that lie where one of the folders is or was. */
  readonly #witnesses: readonly Witness[];
  /** The answer says of these where they are, or that they are gone: what the tree has of them is old. */
  readonly #told: ReadonlySet<ItemId>;
  readonly #found = new Map<DrivePath, TreeEntry | undefined>();

  constructor(store: TreeStore, moves: readonly FolderMove[], { items, gone }: Shown) {
    this.#store = store;
    this.#moves = moves;
    this.#movesOfPlaced = moves.filter(({ folder }) => isPlaced(store.byKey(folder)));
    this.#told = new Set([...gone, ...items.map(({ item }) => item.id)]);
    const isConcerned = ({ path }: UnversionedItem) =>
      moves.some(({ from, to }) => isAtOrBelow(path, from) || isAtOrBelow(path, to));
    const asWitness = witnessOf(store);
    const witnesses = items.filter(isConcerned).slice(0, MOST_WITNESSES).map(asWitness);
    const folders = new Map(items.flatMap((one) => (one.item.kind === 'folder' ? [[one.path, one]] : [])));
    const foldersAbove = (path: DrivePath) => above(path).flatMap((at) => folders.get(at) ?? []);
    this.#witnesses = witnesses.filter(
      (witness) => !foldersAbove(witness.path).some((folder) => isAlong(witness, asWitness(folder))),
    );
  }

  /** How well what the answer shows goes with what is known, had the moves `done` been done, and no others. */
  value(done: ReadonlySet<number>): number {
    const places = this.#placesAfter(done);
    return this.#witnesses.reduce((sum, witness) => sum + this.#word(done, places, witness), 0);
  }

  #word(done: ReadonlySet<number>, places: Places, witness: Witness): number {
    const { path, id } = witness;
    const move = this.#moves.findLast((one) => one.id === id);
    const own = move === undefined ? 0 : ownWord(move, path, done.has(move.number));
    const here = move === undefined ? this.#placed(path, done) : translated(path, this.#moves, done);
    const place = this.#isOthers(places.get(path), id)
      ? IS_IN_ANOTHERS_PLACE
      : this.#placeWord(here, witness);
    return own + place;
  }

  #placeWord(here: DrivePath, { isKnown, knownAt }: Witness): number {
    if (isKnown && knownAt === here) return IS_WHERE_KNOWN;
    const folder = this.#at(splitPath(here).folder) !== undefined ? HAS_A_FOLDER : 0;
    return !isKnown && this.#isTaken(here) ? folder + IS_IN_ANOTHERS_PLACE : folder;
  }

  /** Where what is at `path` is put. Where one of the folders was, or came to, another item was not moved with it. */
  #placed(path: DrivePath, done: ReadonlySet<number>): DrivePath {
    const { folder, name } = splitPath(path);
    return childPath(translated(folder, this.#moves, done), name);
  }

  #isTaken(path: DrivePath): boolean {
    const entry = this.#at(path);
    return entry !== undefined && !this.#told.has(entry.item.id);
  }

  #isOthers(moved: ItemId | undefined, id: ItemId): boolean {
    return moved !== undefined && moved !== id && !this.#told.has(moved);
  }

  /** Which of the moved folders the server had where. */
  #placesAfter(done: ReadonlySet<number>): Places {
    const places = new Map<ItemId, DrivePath>();
    for (const { id, number, from, to } of this.#movesOfPlaced) {
      if (done.has(number)) places.set(id, to);
      else if (!places.has(id)) places.set(id, from);
    }
    return new Map([...places].map(([id, path]) => [path, id]));
  }

  #at(path: DrivePath): TreeEntry | undefined {
    if (this.#found.has(path)) return this.#found.get(path);
    const entry = entryAt(this.#store, path);
    this.#found.set(path, entry);
    return entry;
  }
}

/** What it says of its own move that it is at `path`. */
function ownWord({ from, to }: FolderMove, path: DrivePath, isDone: boolean): number {
  if (path === (isDone ? from : to)) return IS_ELSEWHERE;
  return isDone ? HAS_LEFT : 0;
}

function witnessOf(store: TreeStore): (shown: UnversionedItem) => Witness {
  return ({ path, item: { id } }) => {
    const entry = store.byId(id);
    const isKnown = isPlaced(entry);
    return { path, id, isKnown, knownAt: isKnown ? pathOf(store, entry) : undefined };
  };
}

/** It is elsewhere because a folder above it is, as the answer tells by itself: that is no word about other moves. */
function isAlong({ path, knownAt }: Witness, folder: Witness): boolean {
  if (folder.knownAt === undefined || folder.knownAt === folder.path) return false;
  return knownAt === folder.knownAt + path.slice(folder.path.length);
}

/** The paths of the folders above. */
function above(path: DrivePath): DrivePath[] {
  const paths: DrivePath[] = [];
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
    paths.push(path.slice(0, at));
  return paths;
}
