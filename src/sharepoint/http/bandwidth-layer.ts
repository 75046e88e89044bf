/**
 * Keeps bodies within so many bytes per second, each direction for itself, over all transfers of the account. Small
 * bodies count like all others, but wait only for one another: a listing is not behind every download that is under way.
 */
import type { Clock } from '../../base/index.js';
import { watchedBody } from './body.js';
import { TokenBucket } from './token-bucket.js';
import type { HttpResponse, Layer, RequestBody, ResponseBody } from './transport.js';

export interface BandwidthOptions {
  readonly clock: Clock;
  /** Null: no limit. */
  readonly upBytesPerSecond: number | null;
  readonly downBytesPerSecond: number | null;
}

/** Pieces are cut to this size, so that a slow limit does not come in bursts. */
const PIECE_BYTES = 16 * 1024;
/** Bodies up to this size are small, and so is the beginning of one whose length nobody told. */
const SMALL_BYTES = 64 * 1024;

export function bandwidthLayer(options: BandwidthOptions): Layer {
  const up = allowance(options.clock, options.upBytesPerSecond);
  const down = allowance(options.clock, options.downBytesPerSecond);
  return (inner) => ({
    async send(request, signal) {
      const { body } = request;
      const paced = body === null || up === null ? body : pacedUpload(body, up.pace(body.size, signal));
      const response = await inner.send({ ...request, body: paced }, signal);
      return down === null
        ? response
        : { ...response, body: pacedDownload(response.body, down.pace(lengthOf(response), signal)) };
    },
  });
}

type Pace = (bytes: number) => Promise<void>;

function allowance(clock: Clock, bytesPerSecond: number | null): Allowance | null {
  return bytesPerSecond === null ? null : new Allowance(clock, bytesPerSecond);
}

/** What all bodies of one direction share. */
class Allowance {
  readonly #clock: Clock;
  readonly #all: TokenBucket;
  readonly #small: TokenBucket;

  constructor(clock: Clock, bytesPerSecond: number) {
    const burst = Math.max(PIECE_BYTES, bytesPerSecond / 4);
    this.#clock = clock;
    this.#all = new TokenBucket(clock, burst, bytesPerSecond);
    this.#small = new TokenBucket(clock, burst, bytesPerSecond);
  }

  /** `size` null: nobody knows. */
  pace(size: number | null, signal: AbortSignal): Pace {
    let passed = 0;
    return async (bytes) => {
      passed += bytes;
      const isSmall = (size ?? passed) <= SMALL_BYTES;
      // taking first makes those who come later wait for the debt: everybody advances
      this.#all.take(bytes);
      if (isSmall) this.#small.take(bytes);
      const { waitMs } = isSmall ? this.#small : this.#all;
      if (waitMs > 0) await this.#clock.sleep(waitMs, signal);
    };
  }
}

function lengthOf({ headers }: HttpResponse): number | null {
  const length = headers['content-length'];
  return length === undefined || !/^\d+$/.test(length) ? null : Number(length);
}

function pacedUpload(body: RequestBody, pace: Pace): RequestBody {
  return {
    size: body.size,
    async *open() {
      for await (const piece of body.open()) {
        for (let at = 0; at < piece.length; at += PIECE_BYTES) {
          const part = piece.subarray(at, at + PIECE_BYTES);
          await pace(part.length);
          yield part;
        }
      }
    },
  };
}

function pacedDownload(body: ResponseBody, pace: Pace): ResponseBody {
  return watchedBody(body, { onPiece: pace });
}
