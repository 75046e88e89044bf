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
/** Readers at different places of one folder that are told apart; the one that read last the longest ago is dropped. */
const READERS = 8;
/** Of a reader that is not the one who read last: a wider step would take a file opened at random for its next. */
const SIDE_STEP = 2;

export interface AheadParts {
  readonly content: Pick<ContentCache, 'isComplete' | 'prefetch'>;
  readonly tree: Pick<RemoteTree, 'peek'>;
  readonly spool: Pick<Spool, 'owed'>;
}

/** Somebody who goes through a folder, as far as one can tell from what is opened. */
interface Reader {
  /** Of the last file opened. */
  position: number;
  /** How many opens in a row went forward by a small step. */
  steps: number;
  /** Files before this position were asked for. */
  fetchedTo: number;
}

/** One way through a folder. */
interface Walk {
  readonly order: readonly ListedName[];
  readonly positions: ReadonlyMap<Ino, number>;
  /** The one that read last at the end. */
  readonly readers: Reader[];
}

interface Step {
  readonly walk: Walk;
  /** Who came to it; null: nobody, for it is where somebody was already. */
  readonly reader: Reader | null;
}

interface Watched {
  readonly listing: readonly ListedName[];
  /** As listed, and by name. Made at the first open. */
  walks: readonly Walk[] | null;
}

/**
 * Notices a reader that opens a folder's small files one after another, in the order of its listing (`grep -r`, a
 * restore) or of their names (a shell's `*`, rsync), and has the next ones fetched; several of them, each in its part of
 * the folder (`xargs -P`), too. Random order fetches nothing.
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
    const [listed, named] = watched.walks.map((walk) => stepTo(walk, ino)) as [Step, Step];
    const { walk, reader } = (named.reader?.steps ?? 0) > (listed.reader?.steps ?? 0) ? named : listed;
    if (reader !== null && reader.steps >= SEQUENTIAL_STEPS) this.#fetchAfter(walk, reader);
  }

  #fetchAfter({ order }: Walk, reader: Reader): void {
    const next = reader.position + 1;
    const end = Math.min(order.length, next + FILES_AHEAD);
    for (let at = Math.max(next, reader.fetchedTo); at < end; at += 1) this.#fetch(order[at]!);
    reader.fetchedTo = end;
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
  return { order, positions: new Map(order.map(({ ino }, position) => [ino, position])), readers: [] };
}

function stepTo(walk: Walk, ino: Ino): Step {
  const { positions, readers } = walk;
  const position = positions.get(ino);
  if (position === undefined || readers.some((reader) => reader.position === position))
    return { walk, reader: null };
  const reader = whoSteps(readers, position) ?? newReader(walk, position);
  reader.position = position;
  reader.steps += 1;
  readers.splice(readers.indexOf(reader), 1);
  readers.push(reader);
  return { walk, reader };
}

/** Who begins near the start has already made a step. */
function newReader({ readers }: Walk, position: number): Reader {
  const isAtStart = readers.length === 0 && position < FILES_AHEAD;
  const reader = { position, steps: isAtStart ? 0 : -1, fetchedTo: 0 };
  readers.push(reader);
  if (readers.length > READERS) readers.shift();
  return reader;
}

/** Whoever has the smallest step to it. */
function whoSteps(readers: readonly Reader[], position: number): Reader | undefined {
  const last = readers.at(-1);
  const stepOf = (reader: Reader) => position - reader.position;
  return readers
    .filter((reader) => stepOf(reader) > 0 && stepOf(reader) <= (reader === last ? FILES_AHEAD : SIDE_STEP))
    .sort((one, other) => stepOf(one) - stepOf(other))[0];
}

function byName(one: ListedName, other: ListedName): number {
  return one.name < other.name ? -1 : 1;
}
