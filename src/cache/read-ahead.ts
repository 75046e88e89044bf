/** Tells sequential readers from random ones, and how far ahead of each it is worth to fetch. Pure; asks nobody. */
import type { ByteRange } from '../base/index.js';
import type { ContentLimits } from './content-limits.js';

/** Readers of one content that are told apart. */
const MOST_READERS = 4;
/** The kernel asks ahead by itself, and its requests may overtake one another. */
const NEAR_BYTES = 1024 * 1024;
const STRICTLY_NEAR_BYTES = 512 * 1024;
const FIRST_WINDOW_BYTES = 1024 * 1024;
/** The window grows with what was read in one go: who has read much will read more. */
const WINDOW_PER_BYTE_READ = 4;
/** Reads in a row that make a reader sequential; one less for who began at the beginning. */
const READS_OF_A_RUN = 3;

interface Reader {
  next: number;
  reads: number;
  bytes: number;
  startedAtZero: boolean;
}

export class ReadAhead {
  readonly #mostBytes: number;
  /** Most recent last. */
  readonly #readers: Reader[] = [];

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Somebody reads `range`: what should be fetched ahead of it, empty for a random reader. */
  next(range: ByteRange): ByteRange {
    const reader = this.#continue(range) ?? this.#begin(range);
    const needed = reader.startedAtZero ? READS_OF_A_RUN - 1 : READS_OF_A_RUN;
    if (reader.reads < needed) return { offset: reader.next, length: 0 };
    const window = Math.max(FIRST_WINDOW_BYTES, reader.bytes * WINDOW_PER_BYTE_READ);
    return { offset: reader.next, length: Math.min(window, this.#mostBytes) };
  }

  #continue({ offset, length }: ByteRange): Reader | undefined {
    const at = this.#readers.findLastIndex((reader) => isNear(reader, offset));
    if (at < 0) return undefined;
    const [reader] = this.#readers.splice(at, 1);
    if (reader === undefined) return undefined;
    reader.next = Math.max(reader.next, offset + length);
    reader.reads += 1;
    reader.bytes += length;
    this.#readers.push(reader);
    return reader;
  }

  #begin({ offset, length }: ByteRange): Reader {
    const reader = { next: offset + length, reads: 1, bytes: length, startedAtZero: offset === 0 };
    this.#readers.push(reader);
    if (this.#readers.length > MOST_READERS) this.#readers.shift();
    return reader;
  }
}

export interface Portions {
  readonly range: ByteRange;
  /** Each request's. */
  readonly portion: number;
}

/** What of `ahead` is asked for now, in requests that grow with it; nothing while it makes no whole request. */
export function inPortions(
  ahead: ByteRange,
  size: number,
  { requestBytes, blockBytes }: Pick<ContentLimits, 'requestBytes' | 'blockBytes'>,
): Portions {
  // Doubling, so that the ends of growing portions fall together.
  const quarter = 2 ** Math.floor(Math.log2(Math.max(1, ahead.length / 4)));
  const portion = Math.max(Math.min(requestBytes, quarter), blockBytes * 4);
  const end = ahead.offset + ahead.length;
  // Portions end at multiples of their size, or each read would ask for what it has moved the window by.
  const whole = end === size ? end : Math.floor(end / portion) * portion;
  return { range: { offset: ahead.offset, length: Math.max(0, whole - ahead.offset) }, portion };
}

function isNear(reader: Reader, offset: number): boolean {
  const near = reader.reads >= READS_OF_A_RUN ? NEAR_BYTES : STRICTLY_NEAR_BYTES;
  return Math.abs(offset - reader.next) <= near;
}
