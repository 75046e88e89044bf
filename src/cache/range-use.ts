/** When which part of a content was used last, so that the others can go when not all of it may stay. */
import type { ByteRange } from '../base/index.js';

const PART_BYTES = 1024 * 1024;
/** Between two steps others have a turn. */
const PARTS_PER_STEP = 8;
/** Of a content that is larger still, this many parts are told apart; the rest of it is fetched again. */
const MOST_PARTS = 100_000;

export class RangeUse {
  /** By number, least recently used first. */
  readonly #usedMs = new Map<number, number>();

  /** When the part that would go first was used; Infinity: there is none. */
  get leastRecentMs(): number {
    for (const usedMs of this.#usedMs.values()) return usedMs;
    return Number.POSITIVE_INFINITY;
  }

  used(range: ByteRange, nowMs: number): void {
    for (const part of partsOf(range)) {
      this.#usedMs.delete(part);
      this.#usedMs.set(part, nowMs);
    }
    while (this.#usedMs.size > MOST_PARTS) this.#takeFirst();
  }

  /** What is here of it will be read next: it came before what is behind the reader was read, and is not to go before. */
  soon(range: ByteRange, nowMs: number): void {
    for (const part of partsOf(range)) if (this.#usedMs.delete(part)) this.#usedMs.set(part, nowMs);
  }

  /** The parts that go first, of about so many bytes or of what goes in one step; they count as gone afterwards. */
  take(bytes: number): ByteRange[] {
    const most = Math.min(PARTS_PER_STEP, Math.ceil(bytes / PART_BYTES));
    const taken: ByteRange[] = [];
    while (taken.length < most && this.#usedMs.size > 0) {
      taken.push({ offset: this.#takeFirst() * PART_BYTES, length: PART_BYTES });
    }
    return taken;
  }

  #takeFirst(): number {
    const part = this.#usedMs.keys().next().value!;
    this.#usedMs.delete(part);
    return part;
  }
}

function* partsOf({ offset, length }: ByteRange): Iterable<number> {
  const end = Math.ceil((offset + length) / PART_BYTES);
  for (let part = Math.floor(offset / PART_BYTES); part < end; part += 1) yield part;
}
