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

interface Walk {
  readonly listing: readonly ListedName[];
  /** Made at the first open. */
  positions: Map<Ino, number> | null;
  /** The position of the last file opened. */
  position: number;
  /** How many opens in a row went forward by a small step. */
  steps: number;
  /** Files before this position were asked for. */
  fetchedTo: number;
}

/**
 * Notices a reader that opens a folder's small files one after another in the order of its listing (`grep -r`, a
 * restore, rsync), and has the next ones fetched. Random order fetches nothing.
 */
export class SmallFilesAhead {
  readonly #parts: AheadParts;
  readonly #walks = new Map<Ino, Walk>();

  constructor(parts: AheadParts) {
    this.#parts = parts;
  }

  isWatching(folder: Ino): boolean {
    return this.#walks.has(folder);
  }

  /** Somebody listed `folder`. */
  listed(folder: Ino, listing: readonly ListedName[]): void {
    const before = this.#walks.get(folder);
    this.#walks.delete(folder);
    if (listing.length > LARGEST_WATCHED_FOLDER) return;
    const isSame = before?.listing.length === listing.length;
    this.#walks.set(
      folder,
      isSame ? before : { listing, positions: null, position: -1, steps: 0, fetchedTo: 0 },
    );
    if (this.#walks.size > WATCHED_FOLDERS) this.#walks.delete(this.#walks.keys().next().value!);
  }

  /** The file `ino` of `folder` was opened for reading. */
  opened(folder: Ino, ino: Ino): void {
    const walk = this.#walks.get(folder);
    if (walk === undefined) return;
    walk.positions ??= new Map(walk.listing.map((view, position) => [view.ino, position]));
    const position = walk.positions.get(ino);
    if (position === undefined || position === walk.position) return;
    const step = position - walk.position;
    walk.position = position;
    walk.steps = step > 0 && step <= FILES_AHEAD ? walk.steps + 1 : 0;
    if (walk.steps >= SEQUENTIAL_STEPS) this.#fetchAfter(walk, position);
    else walk.fetchedTo = 0;
  }

  #fetchAfter(walk: Walk, position: number): void {
    const end = Math.min(walk.listing.length, position + 1 + FILES_AHEAD);
    for (let at = Math.max(position + 1, walk.fetchedTo); at < end; at += 1) this.#fetch(walk.listing[at]!);
    walk.fetchedTo = end;
  }

  /** The file as it is now: the listing may be old. */
  #fetch({ item: id, ino }: ListedName): void {
    const { content, tree, spool } = this.#parts;
    const item = id === null ? undefined : tree.peek(id);
    if (item?.kind !== 'file' || spool.owed(ino) !== undefined) return;
    if (item.size > SMALL_FILE_BYTES || content.isComplete(item.id, item.version)) return;
    content.prefetch(item.id, item.version, item.size);
  }
}
