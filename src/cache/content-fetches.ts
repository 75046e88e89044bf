/**
 * What of one content is on its way: which gaps are asked for, in how many requests, and never the same bytes twice at
 * once. Where the bytes go, and who waits for them, is the entry's business.
 */
import { type ByteRange, RangeSet } from '../base/index.js';
import { type ContentStream, DriveError, type Lane } from '../drive/index.js';
import type { ContentLimits } from './content-limits.js';
import { RangeFetch } from './range-fetch.js';

/** The content that is being fetched. */
export interface FetchedContent {
  readonly size: number;
  readonly present: RangeSet;
  readonly limits: ContentLimits;
  open(range: ByteRange | null, lane: Lane, signal: AbortSignal): Promise<ContentStream>;
  opened(stream: ContentStream): void;
  write(offset: number, parts: readonly Uint8Array[], lane: Lane): Promise<void>;
  ended(fetch: RangeFetch, reached: number): void;
  /** `fetch` is none of those under way any more. */
  failed(fetch: RangeFetch, error: unknown): void;
}

export class ContentFetches {
  readonly #content: FetchedContent;
  readonly #running = new Map<RangeFetch, Promise<void>>();
  /** The server has another version: what is missing will not come any more. */
  #isOutdated = false;

  constructor(content: FetchedContent) {
    this.#content = content;
  }

  get isOutdated(): boolean {
    return this.#isOutdated;
  }

  /** Has what is missing in `range` fetched, in requests of at most `most` bytes; infinite: somebody waits for all of it. */
  request(range: ByteRange, lane: Lane, most: number): void {
    const { limits, present, size } = this.#content;
    if (this.#isOutdated) throw outdated();
    const isUntouched = present.size === 0 && this.#running.size === 0;
    if (isUntouched && size <= limits.smallFileBytes) {
      this.#start(0, Number.POSITIVE_INFINITY, lane);
      return;
    }
    const isDemanded = most === Number.POSITIVE_INFINITY;
    for (const gap of this.#gapsIn(range)) {
      for (let at = gap.offset; at < gap.offset + gap.length; at += most) {
        if (!isDemanded && this.#running.size >= limits.requestsPerContent) return;
        this.#start(at, Math.min(at + most, gap.offset + gap.length), lane);
      }
    }
  }

  abort(reason: Error): void {
    for (const fetch of this.#running.keys()) fetch.abort(reason);
  }

  /** Resolves when nothing is on its way. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  /** Neither here nor on its way. */
  #gapsIn(range: ByteRange): RangeSet {
    const missing = RangeSet.from(this.#content.present.missing(range));
    for (const { start, end } of this.#running.keys()) missing.remove({ offset: start, length: end - start });
    return missing;
  }

  #start(start: number, end: number, lane: Lane): void {
    const content = this.#content;
    const fetch = new RangeFetch(start, end, {
      target: {
        open: (offset, length, wantedLane, signal) =>
          content.open(
            length === null && offset === 0 ? null : this.#rest(offset, length),
            wantedLane,
            signal,
          ),
        opened: (stream) => content.opened(stream),
        write: (offset, parts) => content.write(offset, parts, lane),
      },
      lane,
      unwrittenBytes: content.limits.unwrittenBytes,
    });
    const running = fetch.run().then(
      (reached) => {
        this.#running.delete(fetch);
        content.ended(fetch, reached);
      },
      (error: unknown) => {
        this.#running.delete(fetch);
        if (error instanceof DriveError && error.kind === 'changed') this.#isOutdated = true;
        content.failed(fetch, error);
      },
    );
    this.#running.set(fetch, running);
  }

  #rest(offset: number, length: number | null): ByteRange {
    return { offset, length: length ?? Math.max(1, this.#content.size - offset) };
  }
}

export function outdated(): DriveError {
  return new DriveError('changed', 'the server has another version now');
}
