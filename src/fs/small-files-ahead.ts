import type { ContentCache, RemoteTree } from '../cache/index.js';
import type { Ino, Spool } from '../spool/index.js';
import type { ListedName } from './folder-listing.js';

/** A file up to this size is fetched ahead as a whole. */
const SMALL_FILE_BYTES = 1024 * 1024;
/** How many files are asked for ahead of the reader. */
const FILES_AHEAD = 16;
/** How many folders are watched at once; the least recently listed one is dropped. */
const WATCHED_FOLDERS = 32;
/** Larger folders are not watched: the map of positions would cost more than it saves. */
const LARGEST_WATCHED_FOLDER = 20_000;
/** After this many steps forward in the listing's order a reader counts as sequential. */
const SEQUENTIAL_STEPS = 2;

export interface AheadParts {
  readonly content: Pick<ContentCache, 'isComplete' | 'prefetch'>;
  readonly tree: Pick<RemoteTree, 'peek'>;
  readonly spool: Pick<Spool, 'owed'>;
}

/** One way through a folder. */
interface Walk {
  readonly order: readonly ListedName[];
  readonly positions: ReadonlyMap<Ino, number>;
  /** The position of the last file opened. */
  position: number;
  /** How many opens in a row went forward by a small step. */
  steps: number;
  /** Files before this position were asked for. */
  fetchedTo: number;
}

interface Watched {
  readonly listing: readonly ListedName[];
  /** As listed, and by name. Made at the first open. */
  walks: readonly Walk[] | null;
}

/**
 * Notices a reader that opens a folder's small files one after another, in the order of its listing (`grep -r`, a
 * restore) or of their names (a shell's `*`, rsync), and has the next ones fetched. Random order fetches nothing.
 */
export class SmallFilesAhead {
  readonly #parts: AheadParts;
  readonly #watched = new Map<Ino, Watched>();

  constructor(parts: AheadParts) {
    this.#parts = parts;
  }

  isWatching(folder: Ino): boolean {
    return this.#watched.has(folder);
  }

  /** Somebody listed `folder`. */
  listed(folder: Ino, listing: readonly ListedName[]): void {
    const before = this.#watched.get(folder);
    this.#watched.delete(folder);
    if (listing.length > LARGEST_WATCHED_FOLDER) return;
    const isSame = before?.listing.length === listing.length;
    this.#watched.set(folder, isSame ? before : { listing, walks: null });
    if (this.#watched.size > WATCHED_FOLDERS) this.#watched.delete(this.#watched.keys().next().value!);
  }

  /** The file `ino` of `folder` was opened for reading. */
  opened(folder: Ino, ino: Ino): void {
    const watched = this.#watched.get(folder);
    if (watched === undefined) return;
    watched.walks ??= [walkOf(watched.listing), walkOf(watched.listing.toSorted(byName))];
    for (const walk of watched.walks) takeStep(walk, ino);
    const [listed, named] = watched.walks as readonly [Walk, Walk];
    const followed = named.steps > listed.steps ? named : listed;
    if (followed.steps >= SEQUENTIAL_STEPS) this.#fetchAfter(followed, followed.position);
  }

  #fetchAfter(walk: Walk, position: number): void {
    const end = Math.min(walk.order.length, position + 1 + FILES_AHEAD);
    for (let at = Math.max(position + 1, walk.fetchedTo); at < end; at += 1) this.#fetch(walk.order[at]!);
    walk.fetchedTo = end;
  }

  /** The file as it is now: the listing may be old. */
  #fetch({ item: id, ino }: Pick<ListedName, 'item' | 'ino'>): void {
    const { content, tree, spool } = this.#parts;
    const item = id === null ? undefined : tree.peek(id);
    if (item?.kind !== 'file' || spool.owed(ino) !== undefined) return;
    if (!isSmall(item) || content.isComplete(item.id, item.version)) return;
    content.prefetch(item.id, item.version, item.size);
  }
}

export function isSmall({ size }: { readonly size: number }): boolean {
  return size <= SMALL_FILE_BYTES;
}

function walkOf(order: readonly ListedName[]): Walk {
  const positions = new Map(order.map(({ ino }, position) => [ino, position]));
  return { order, positions, position: -1, steps: 0, fetchedTo: 0 };
}

function takeStep(walk: Walk, ino: Ino): void {
  const position = walk.positions.get(ino);
  if (position === undefined || position === walk.position) return;
  const step = position - walk.position;
  walk.position = position;
  const isForward = step > 0 && step <= FILES_AHEAD;
  walk.steps = isForward ? walk.steps + 1 : 0;
  if (!isForward) walk.fetchedTo = 0;
}

function byName(one: ListedName, other: ListedName): number {
  return one.name < other.name ? -1 : 1;
}
