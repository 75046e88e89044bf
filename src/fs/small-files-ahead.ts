import type { ContentCache, RemoteTree } from '../cache/index.js';
import type { Ino, Spool } from '../spool/index.js';
import type { ListedName } from './folder-listing.js';
import { FolderReaders, inOrder, type Progress, type ReadingOrder } from './folder-readers.js';
import { foldersAfter, type KnownFolders } from './folders-ahead.js';
import type { Located } from './namespace.js';

/** A file up to this size is fetched ahead as a whole. */
const SMALL_FILE_BYTES = 1024 * 1024;
/** How many files are asked for ahead of the reader. */
const FILES_AHEAD = 16;
/** In how many folders after this one they are looked for. */
const FOLDERS_AHEAD = 4;
/** How many names of those folders are looked at. */
const NAMES_AHEAD = 64;
/**
 * How many names the watched folders have together; the least recently used folder is dropped. rsync lists a thousand files
 * and more before it reads the first.
 */
const WATCHED_NAMES = 40_000;
/** Larger folders are not watched: the map of positions would cost more than it saves. */
const LARGEST_WATCHED_FOLDER = 20_000;
/** After this many steps forward a reader counts as sequential. */
const SEQUENTIAL_STEPS = 2;

export interface AheadParts {
  readonly content: Pick<ContentCache, 'isComplete' | 'prefetch'>;
  readonly tree: Pick<RemoteTree, 'peek'>;
  readonly spool: Pick<Spool, 'owed'>;
  readonly folders: KnownFolders;
}

interface Watched {
  readonly readers: FolderReaders;
  /** The files of the folders after this one were asked for. */
  hasGoneOn: boolean;
}

/**
 * Notices a reader that opens a folder's small files one after another, and goes on in the next folder, and has the next ones
 * fetched. Random order fetches nothing.
 */
export class SmallFilesAhead {
  readonly #parts: AheadParts;
  /** The least recently used first. */
  readonly #watched = new Map<Ino, Watched>();
  #names = 0;
  /** What the last open was part of: a sequential reader goes on in the next folder. */
  #run: { readonly order: ReadingOrder; readonly steps: number } = { order: 'listed', steps: 0 };

  constructor(parts: AheadParts) {
    this.#parts = parts;
  }

  isWatching(folder: Ino): boolean {
    return this.#watched.has(folder);
  }

  /** Somebody listed `folder`. */
  listed(folder: Ino, listing: readonly ListedName[]): void {
    const before = this.#watched.get(folder);
    const isSame = before?.readers.size === listing.length;
    this.#drop(folder);
    if (listing.length > LARGEST_WATCHED_FOLDER) return;
    const readers = isSame ? before.readers : new FolderReaders(listing);
    this.#watched.set(folder, { readers, hasGoneOn: false });
    this.#names += listing.length;
    while (this.#names > WATCHED_NAMES) this.#drop(this.#watched.keys().next().value!);
  }

  /** The file `ino` of `folder` was opened for reading. */
  opened(folder: Located, ino: Ino): void {
    const watched = this.#watched.get(folder.ino);
    if (watched === undefined) return;
    this.#used(folder.ino, watched);
    const progress = watched.readers.opened(ino, this.#run);
    if (progress === null) return;
    const isRun = progress.reader.steps >= SEQUENTIAL_STEPS;
    this.#run = { order: progress.order, steps: isRun ? SEQUENTIAL_STEPS : 0 };
    if (!isRun) return;
    const left = this.#fetchAfter(watched, progress);
    if (left > 0 && !watched.hasGoneOn) this.#goOn(folder, progress, left);
    watched.hasGoneOn ||= left > 0;
  }

  /** How many names fewer there are in the folder than files are asked for ahead. */
  #fetchAfter({ readers }: Watched, { order, reader }: Progress): number {
    const names = readers.namesIn(order);
    const next = reader.position + 1;
    const end = Math.min(names.length, next + FILES_AHEAD);
    for (let at = Math.max(next, reader.fetchedTo); at < end; at += 1) this.#fetch(names[at]!);
    reader.fetchedTo = end;
    return next + FILES_AHEAD - end;
  }

  /** Near the end of a folder: what a reader of the whole tree opens then. */
  #goOn(folder: Located, { order, reader }: Progress, most: number): void {
    let filesLeft = most;
    let foldersLeft = FOLDERS_AHEAD;
    let namesLeft = NAMES_AHEAD;
    const known = {
      parentOf: (at: Located) => this.#parts.folders.parentOf(at),
      namesIn: (at: Located) => this.#namesIn(at, order),
    };
    for (const names of foldersAfter(known, folder, reader.position + 1)) {
      for (const name of names) {
        if (filesLeft === 0 || namesLeft === 0) return;
        namesLeft -= 1;
        if (this.#fetch(name)) filesLeft -= 1;
      }
      foldersLeft -= 1;
      if (foldersLeft === 0) return;
    }
  }

  #namesIn(folder: Located, order: ReadingOrder): readonly ListedName[] | null {
    const watched = this.#watched.get(folder.ino);
    if (watched !== undefined) return watched.readers.namesIn(order);
    const names = this.#parts.folders.namesIn(folder);
    return names && inOrder(names, order);
  }

  /** The file as it is now: the listing may be old. True: it was asked for. */
  #fetch({ item: id, ino }: Pick<ListedName, 'item' | 'ino'>): boolean {
    const { content, tree, spool } = this.#parts;
    const item = id === null ? undefined : tree.peek(id);
    if (item?.kind !== 'file' || spool.owed(ino) !== undefined) return false;
    if (!isSmall(item) || content.isComplete(item.id, item.version)) return false;
    content.prefetch(item.id, item.version, item.size);
    return true;
  }

  #used(folder: Ino, watched: Watched): void {
    this.#watched.delete(folder);
    this.#watched.set(folder, watched);
  }

  #drop(folder: Ino): void {
    this.#names -= this.#watched.get(folder)?.readers.size ?? 0;
    this.#watched.delete(folder);
  }
}

export function isSmall({ size }: { readonly size: number }): boolean {
  return size <= SMALL_FILE_BYTES;
}
