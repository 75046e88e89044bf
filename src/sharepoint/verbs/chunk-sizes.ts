/**
 * How many bytes the next chunk of an upload carries. Each chunk costs a round trip and the server's commit, so they
 * grow while the line is good; a chunk that fails is sent again from its beginning, so none takes longer than what we
 * are ready to lose. Sizes are bounded as multiples of the first. Nothing of a chunk is held in memory, whatever its size.
 */
import type { Clock } from '../../base/index.js';

/** 10 MiB become 100 MiB at most: the server refuses more than 250 MiB in one request (protocol notes 3.2). */
const LARGEST_FACTOR = 10;
/** 10 MiB become 1 MiB at least: on a line that breaks every few seconds, something arrives all the same. */
const SMALLEST_SHARE = 10;
/** What is refused for its size halves down to this: servers and proxies may take far less than SharePoint itself. */
const SMALLEST_TAKEN_BYTES = 4 * 1024;
/** How much larger the next one may be. */
const GROWTH = 4;
/** What a chunk may take at the speed of the one before, and with that what a failure costs. */
const LONGEST_CHUNK_MS = 10_000;
/** After a failure, so many must arrive before they grow again. */
const CALM_CHUNKS = 4;

/** What the server was found to take in one request: known to all uploads, so that the next does not try it again. */
export interface ChunkLimit {
  bytes: number;
}

export class ChunkSizes {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #limit: ChunkLimit;
  readonly #smallest: number;
  #largest: number;
  #bytes: number;
  #isRefused = false;
  #cautious = 0;
  #startedMs = 0;

  /** `first`: the bytes of the first chunk. */
  constructor(first: number, clock: Pick<Clock, 'monotonic'>, limit: ChunkLimit) {
    this.#clock = clock;
    this.#limit = limit;
    this.#bytes = Math.min(first, limit.bytes);
    this.#largest = Math.min(first * LARGEST_FACTOR, limit.bytes);
    this.#smallest = Math.ceil(first / SMALLEST_SHARE);
  }

  /** The size of the chunk that begins now. */
  next(): number {
    this.#startedMs = this.#clock.monotonic();
    return this.#bytes;
  }

  /** `bytes`: what the chunk carried. */
  arrived(bytes: number): void {
    // Only now it is known that it was the size: whoever refuses everything would leave the smallest for ever.
    if (this.#isRefused) this.#limit.bytes = Math.min(this.#limit.bytes, this.#largest);
    this.#isRefused = false;
    if (bytes < this.#bytes) return;
    this.#cautious = Math.max(0, this.#cautious - 1);
    if (this.#cautious > 0) return;
    const tookMs = Math.max(1, this.#clock.monotonic() - this.#startedMs);
    const affordable = Math.floor((bytes / tookMs) * LONGEST_CHUNK_MS);
    const wanted = Math.min(this.#bytes * GROWTH, affordable, this.#largest);
    this.#bytes = Math.max(this.#bytes, wanted);
  }

  failed(): void {
    this.#shrink(Math.min(this.#smallest, this.#bytes));
  }

  /** The server, or somebody on the way, takes none of that size: false when there are no smaller ones. */
  refused(): boolean {
    const smallest = Math.min(this.#smallest, SMALLEST_TAKEN_BYTES);
    if (this.#bytes <= smallest) return false;
    this.#shrink(smallest);
    this.#largest = this.#bytes;
    this.#isRefused = true;
    return true;
  }

  #shrink(smallest: number): void {
    this.#bytes = Math.max(smallest, Math.floor(this.#bytes / 2));
    this.#cautious = CALM_CHUNKS;
  }
}
