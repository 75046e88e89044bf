/**
 * Folders that were moved, by us or by others, for as long as an answer may speak of what is in them by the paths from
 * before; and those that we are moving, of which an answer may know before we do.
 */
import type { Clock } from '../base/index.js';
import type { DrivePath, ItemId } from '../drive/index.js';
import { isAtOrBelow } from './moved-path.js';
import type { EntryKey } from './tree-entry.js';
import type { TruthBook } from './truth-book.js';

/** Of more than these the oldest are taken for known to everybody. */
const MOST_MOVES = 16;
/** A move of ours of which nothing was heard for so long came to nothing. */
const UNDER_WAY_MS = 5 * 60_000;
/** No answer is on its way for longer than that. */
const REMEMBERED_MS = 15 * 60_000;

export interface FolderMove extends MovedFolder {
  readonly number: number;
  /** When we asked for it; long ago for what others did, for all that is known. */
  readonly beganAtMs: number;
  /** Null: no answer yet. */
  readonly heardAtMs: number | null;
  /** The server was asked, and its answer, or none, is not known yet. */
  readonly isUnderWay: boolean;
}

export interface MovedFolder {
  readonly folder: EntryKey;
  readonly id: ItemId;
  /** Paths as they were, and became, when it was moved: folders above may have been moved since. */
  readonly from: DrivePath;
  readonly to: DrivePath;
}

export class FolderMoves {
  readonly #clock: Clock;
  readonly #book: TruthBook;
  /** In the order in which we heard of them, and then those under way. */
  #moves: readonly FolderMove[] = [];
  #last = 0;

  constructor(clock: Clock, book: TruthBook) {
    this.#clock = clock;
    this.#book = book;
    for (const { note, agoMs } of book.recall()) if (note.kind === 'move') this.#heard(note.move, agoMs);
  }

  get all(): readonly FolderMove[] {
    return this.#moves;
  }

  /**
   * The server is about to be asked for it. Returns what is to be called when that is over, however it ended: where no
   * answer came it may have been done, where the server refused it was not.
   */
  began(move: MovedFolder): (isRefused?: boolean) => void {
    this.#last += 1;
    const number = this.#last;
    const beganAtMs = this.#clock.monotonic();
    const begun = { ...move, number, beganAtMs, heardAtMs: null, isUnderWay: true };
    this.#set([...this.#others(move.id), begun]);
    return (isRefused = false) => {
      const isOver = (one: FolderMove) => one.number === number && one.heardAtMs === null;
      const left = this.#moves.filter((one) => !isRefused || !isOver(one));
      this.#set(left.map((one) => (isOver(one) ? { ...one, isUnderWay: false } : one)));
    };
  }

  /** It was done, as we know now. */
  heard(move: MovedFolder): void {
    this.#book.add({ kind: 'move', move });
    this.#heard(move, 0);
  }

  #heard(move: MovedFolder, agoMs: number): void {
    const heardAtMs = this.#clock.monotonic() - agoMs;
    this.#last += 1;
    const began = this.#moves.find((one) => one.id === move.id && one.heardAtMs === null);
    const { number, beganAtMs } = began ?? { number: this.#last, beganAtMs: Number.NEGATIVE_INFINITY };
    const heard = { ...move, number, beganAtMs, heardAtMs, isUnderWay: false };
    const others = this.#others(move.id);
    const done = others.filter(({ heardAtMs }) => heardAtMs !== null);
    this.#set([...done, heard, ...others.filter(({ heardAtMs }) => heardAtMs === null)]);
  }

  /** Those that an answer asked for at that time may know of or not, oldest first. */
  since(askedAtMs: number): readonly FolderMove[] {
    const nowMs = this.#clock.monotonic();
    return this.#moves.filter(({ beganAtMs, heardAtMs }) =>
      heardAtMs === null ? nowMs - beganAtMs < UNDER_WAY_MS : heardAtMs >= askedAtMs,
    );
  }

  /** Whether what an answer, asked for at that time, says of `path` may have been said when a folder above was elsewhere. */
  concern(path: DrivePath, askedAtMs: number): boolean {
    const moves = this.since(askedAtMs).filter(({ heardAtMs }) => heardAtMs !== null);
    return moves.some(({ from, to }) => isAtOrBelow(path, from) || isAtOrBelow(path, to));
  }

  /** What is at `path` may be elsewhere by now, or not yet: where. */
  underWay(path: DrivePath): DrivePath | undefined {
    const move = this.#moves.find(({ isUnderWay, from }) => isUnderWay && isAtOrBelow(path, from));
    return move && move.to + path.slice(move.from.length);
  }

  isUnderWay(path: DrivePath | null | undefined): boolean {
    return path != null && this.underWay(path) !== undefined;
  }

  isMoving(folder: EntryKey): boolean {
    return this.#moves.some((move) => move.isUnderWay && move.folder === folder);
  }

  /** One folder is moved once at a time. */
  #others(id: ItemId): FolderMove[] {
    return this.#moves.filter((move) => move.id !== id || move.heardAtMs !== null);
  }

  #set(moves: readonly FolderMove[]): void {
    const earliestMs = this.#clock.monotonic() - REMEMBERED_MS;
    this.#moves = moves
      .filter(({ beganAtMs, heardAtMs }) => (heardAtMs ?? beganAtMs) >= earliestMs)
      .slice(-MOST_MOVES);
  }
}
