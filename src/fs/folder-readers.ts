/**
 * Who goes through one folder, as far as one can tell from the files that are opened: in the order of its listing (`grep -r`,
 * `tar`), of the names (a shell's `*`, rsync) or of the inode numbers (`cp -r`), and several at a time, each in its part of
 * the folder (`xargs -P`). Who opens files at random makes no steps.
 */
import type { Ino } from '../spool/index.js';
import type { ListedName } from './folder-listing.js';

/** An order in which the names of a folder are gone through. */
export type ReadingOrder = 'listed' | 'named' | 'numbered';

/** Somebody who goes through a folder. */
export interface Reader {
  /** Of the last file opened. */
  position: number;
  /** How many opens in a row went forward by a small step. */
  steps: number;
  /** Files before this position were asked for. */
  fetchedTo: number;
}

/** One way through the folder. */
interface Walk {
  readonly names: readonly ListedName[];
  readonly positions: ReadonlyMap<Ino, number>;
  /** The one that read last at the end. */
  readonly readers: Reader[];
}

/** Who is on which way, most probably. */
export interface Progress {
  readonly order: ReadingOrder;
  readonly reader: Reader;
}

const ORDERS = ['listed', 'named', 'numbered'] as const;
/** A wider step is a jump. */
const WIDEST_STEP = 16;
/** The same for a reader that is not the one who read last: what is opened at random would count as its next. */
const WIDEST_SIDE_STEP = 2;
/** Readers at different places that are told apart; the one that read last the longest ago is dropped. */
const MOST_READERS = 8;

export class FolderReaders {
  readonly #listing: readonly ListedName[];
  /** Made when first needed. */
  readonly #walks = new Map<ReadingOrder, Walk>();

  constructor(listing: readonly ListedName[]) {
    this.#listing = listing;
  }

  get size(): number {
    return this.#listing.length;
  }

  namesIn(order: ReadingOrder): readonly ListedName[] {
    return this.#walk(order).names;
  }

  /**
   * Who has come to `ino` with this open; null: nobody, for it is where somebody was already. `before`: what whoever begins at
   * the start of this folder has made in the one before.
   */
  opened(ino: Ino, before: { readonly order: ReadingOrder; readonly steps: number }): Progress | null {
    let surest: Progress | null = null;
    for (const order of [before.order, ...ORDERS.filter((other) => other !== before.order)]) {
      const reader = stepTo(this.#walk(order), ino, before.steps);
      if (reader !== null && (surest === null || reader.steps > surest.reader.steps))
        surest = { order, reader };
    }
    return surest;
  }

  #walk(order: ReadingOrder): Walk {
    const known = this.#walks.get(order);
    if (known !== undefined) return known;
    const names = inOrder(this.#listing, order);
    const positions = new Map(names.map(({ ino }, position) => [ino, position]));
    const walk = { names, positions, readers: [] };
    this.#walks.set(order, walk);
    return walk;
  }
}

export function inOrder(names: readonly ListedName[], order: ReadingOrder): readonly ListedName[] {
  switch (order) {
    case 'listed':
      return names;
    case 'named':
      return names.toSorted((one, other) => (one.name < other.name ? -1 : 1));
    case 'numbered':
      return names.toSorted((one, other) => one.ino - other.ino);
  }
}

function stepTo(walk: Walk, ino: Ino, stepsBefore: number): Reader | null {
  const { positions, readers } = walk;
  const position = positions.get(ino);
  if (position === undefined || readers.some((reader) => reader.position === position)) return null;
  const reader = whoSteps(readers, position) ?? newReader(walk, position, stepsBefore);
  reader.position = position;
  reader.steps += 1;
  readers.splice(readers.indexOf(reader), 1);
  readers.push(reader);
  return reader;
}

/** Who begins near the start has already made a step. */
function newReader({ readers }: Walk, position: number, stepsBefore: number): Reader {
  const isAtStart = readers.length === 0 && position < WIDEST_STEP;
  const reader = { position, steps: isAtStart ? stepsBefore : -1, fetchedTo: 0 };
  readers.push(reader);
  if (readers.length > MOST_READERS) readers.shift();
  return reader;
}

/** Whoever has the smallest step to it. */
function whoSteps(readers: readonly Reader[], position: number): Reader | undefined {
  const last = readers.at(-1);
  const stepOf = (reader: Reader) => position - reader.position;
  const widest = (reader: Reader) => (reader === last ? WIDEST_STEP : WIDEST_SIDE_STEP);
  return readers
    .filter((reader) => stepOf(reader) > 0 && stepOf(reader) <= widest(reader))
    .sort((one, other) => stepOf(one) - stepOf(other))[0];
}
