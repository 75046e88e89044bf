/** A run of bytes `[offset, offset + length)` in a file. Both are non-negative safe integers. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** A set of bytes as sorted, disjoint, non-touching runs: which part of a file is here, dirty, asked for. */
export class RangeSet {
  /** Flat `[start, end, start, end, ...]`, ascending; ends are exclusive. */
  #bounds: number[] = [];

  static from(ranges: Iterable<ByteRange>): RangeSet {
    const set = new RangeSet();
    for (const range of ranges) set.add(range);
    return set;
  }

  get isEmpty(): boolean {
    return this.#bounds.length === 0;
  }

  /** How many bytes are in the set. */
  get size(): number {
    let total = 0;
    for (let at = 0; at < this.#bounds.length; at += 2) total += this.#bounds[at + 1]! - this.#bounds[at]!;
    return total;
  }

  *[Symbol.iterator](): Iterator<ByteRange> {
    for (let at = 0; at < this.#bounds.length; at += 2) {
      yield { offset: this.#bounds[at]!, length: this.#bounds[at + 1]! - this.#bounds[at]! };
    }
  }

  add(range: ByteRange): void {
    if (range.length <= 0) return;
    let start = range.offset;
    let end = range.offset + range.length;
    const first = this.#firstRunEndingAtOrAfter(start);
    let last = first;
    while (last < this.#bounds.length && this.#bounds[last]! <= end) {
      start = Math.min(start, this.#bounds[last]!);
      end = Math.max(end, this.#bounds[last + 1]!);
      last += 2;
    }
    this.#bounds.splice(first, last - first, start, end);
  }

  remove(range: ByteRange): void {
    if (range.length <= 0) return;
    const end = range.offset + range.length;
    const kept: number[] = [];
    for (let at = 0; at < this.#bounds.length; at += 2) {
      const runStart = this.#bounds[at]!;
      const runEnd = this.#bounds[at + 1]!;
      if (runStart < range.offset) kept.push(runStart, Math.min(runEnd, range.offset));
      if (runEnd > end) kept.push(Math.max(runStart, end), runEnd);
    }
    this.#bounds = kept;
  }

  /** Forgets everything at and after `size`. */
  truncate(size: number): void {
    this.remove({ offset: size, length: Number.MAX_SAFE_INTEGER - size });
  }

  contains(range: ByteRange): boolean {
    if (range.length <= 0) return true;
    const at = this.#firstRunEndingAtOrAfter(range.offset + 1);
    return (
      at < this.#bounds.length &&
      this.#bounds[at]! <= range.offset &&
      this.#bounds[at + 1]! >= range.offset + range.length
    );
  }

  /** The parts of `range` that are not in the set, ascending. */
  missing(range: ByteRange): ByteRange[] {
    const gaps: ByteRange[] = [];
    const end = range.offset + range.length;
    let from = range.offset;
    for (let at = this.#firstRunEndingAtOrAfter(from); at < this.#bounds.length && from < end; at += 2) {
      const runStart = this.#bounds[at]!;
      if (runStart >= end) break;
      if (runStart > from) gaps.push({ offset: from, length: runStart - from });
      from = Math.max(from, this.#bounds[at + 1]!);
    }
    if (from < end) gaps.push({ offset: from, length: end - from });
    return gaps;
  }

  #firstRunEndingAtOrAfter(offset: number): number {
    let low = 0;
    let high = this.#bounds.length / 2;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#bounds[middle * 2 + 1]! < offset) low = middle + 1;
      else high = middle;
    }
    return low * 2;
  }
}
