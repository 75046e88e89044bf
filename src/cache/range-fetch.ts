/**
 * One run of bytes on its way from the server to the file. Goes on where a cut stream ended, as long as bytes come;
 * holds a bounded number of bytes that are not written yet.
 */
import type { ContentStream, Lane } from '../drive/index.js';
import { DriveError } from '../drive/index.js';

export interface FetchTarget {
  /** `length` null: everything from `offset` on, however much that is. */
  open(offset: number, length: number | null, lane: Lane, signal: AbortSignal): Promise<ContentStream>;
  /** Size and version of the answer; throws when it is not what was asked for. */
  opened(stream: ContentStream): void;
  write(offset: number, parts: readonly Uint8Array[]): Promise<void>;
}

/** Failures in a row without a single byte in between. */
const MOST_FAILURES = 2;

export class RangeFetch {
  readonly start: number;
  /** Infinity: to the end, wherever that is. */
  readonly end: number;
  readonly lane: Lane;
  readonly #target: FetchTarget;
  readonly #unwrittenBytes: number;
  readonly #controller = new AbortController();
  /** Everything before this is written. */
  position: number;

  constructor(start: number, end: number, options: FetchOptions) {
    this.start = start;
    this.end = end;
    this.position = start;
    this.lane = options.lane;
    this.#target = options.target;
    this.#unwrittenBytes = options.unwrittenBytes;
  }

  get isAborted(): boolean {
    return this.#controller.signal.aborted;
  }

  abort(reason: Error): void {
    this.#controller.abort(reason);
  }

  /** Resolves with where the content ended: `end`, or less when the content is shorter. */
  async run(): Promise<number> {
    for (let failures = 0; ; ) {
      const from = this.position;
      try {
        return await this.#attempt();
      } catch (error) {
        failures = this.position > from ? 0 : failures + 1;
        if (this.#controller.signal.aborted || !isCut(error) || failures >= MOST_FAILURES) throw error;
      }
    }
  }

  async #attempt(): Promise<number> {
    const { signal } = this.#controller;
    const length = this.end === Number.POSITIVE_INFINITY ? null : this.end - this.position;
    const stream = await this.#target.open(this.position, length, this.lane, signal);
    this.#target.opened(stream);
    if (stream.offset > this.position) {
      throw new DriveError('protocol', `the server sent bytes from ${stream.offset} for ${this.position}`);
    }
    return this.#take(stream);
  }

  /** While one part is written, the next ones are gathered. */
  async #take(stream: ContentStream): Promise<number> {
    const from = this.position;
    let at = stream.offset;
    let gathered: Uint8Array[] = [];
    let gatheredBytes = 0;
    let writing: Promise<void> | null = null;
    let failure: unknown = null;
    const flush = () => {
      const parts = gathered;
      const offset = this.position;
      const end = offset + gatheredBytes;
      gathered = [];
      gatheredBytes = 0;
      writing = this.#target.write(offset, parts).then(
        () => {
          this.position = end;
          writing = null;
          if (gatheredBytes > 0) flush();
        },
        (error: unknown) => {
          failure = error;
          writing = null;
        },
      );
    };
    const drain = async (most: number) => {
      while (failure === null && writing !== null && gatheredBytes >= most) await writing;
      if (failure !== null) throw failure;
    };
    try {
      for await (const chunk of stream.body) {
        const part = chunk.subarray(
          Math.min(chunk.length, Math.max(0, from - at)),
          Math.max(0, this.end - at),
        );
        at += chunk.length;
        if (part.length > 0) {
          gathered.push(part);
          gatheredBytes += part.length;
          if (writing === null) flush();
        }
        await drain(this.#unwrittenBytes);
        if (at >= this.end) break;
      }
    } finally {
      await drain(0);
    }
    const promised = Math.min(this.end, stream.totalSize ?? 0);
    if (at < promised) throw new DriveError('unreachable', `the answer ended at ${at} of ${promised} bytes`);
    return Math.min(at, this.end);
  }
}

export interface FetchOptions {
  readonly target: FetchTarget;
  readonly lane: Lane;
  readonly unwrittenBytes: number;
}

/** The connection broke: what came so far is good, and the rest may still be had. */
function isCut(error: unknown): boolean {
  return error instanceof DriveError && (error.kind === 'unreachable' || error.kind === 'protocol');
}
