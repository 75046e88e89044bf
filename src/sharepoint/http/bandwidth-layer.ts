/** Keeps bodies within so many bytes per second, each direction for itself, over all transfers of the account. */
import type { Clock } from '../../base/index.js';
import { watchedBody } from './body.js';
import { TokenBucket } from './token-bucket.js';
import type { Layer, RequestBody, ResponseBody } from './transport.js';

export interface BandwidthOptions {
  readonly clock: Clock;
  /** Null: no limit. */
  readonly upBytesPerSecond: number | null;
  readonly downBytesPerSecond: number | null;
}

/** Pieces are cut to this size, so that a slow limit does not come in bursts. */
const PIECE_BYTES = 16 * 1024;

export function bandwidthLayer(options: BandwidthOptions): Layer {
  const up = bucketFor(options.clock, options.upBytesPerSecond);
  const down = bucketFor(options.clock, options.downBytesPerSecond);
  return (inner) => ({
    async send(request, signal) {
      const pace = (bucket: TokenBucket) => (bytes: number) => wait(bucket, bytes, options.clock, signal);
      const body = request.body === null || up === null ? request.body : pacedUpload(request.body, pace(up));
      const response = await inner.send({ ...request, body }, signal);
      return down === null ? response : { ...response, body: pacedDownload(response.body, pace(down)) };
    },
  });
}

function bucketFor(clock: Clock, bytesPerSecond: number | null): TokenBucket | null {
  return bytesPerSecond === null
    ? null
    : new TokenBucket(clock, Math.max(PIECE_BYTES, bytesPerSecond / 4), bytesPerSecond);
}

type Pace = (bytes: number) => Promise<void>;

async function wait(bucket: TokenBucket, bytes: number, clock: Clock, signal: AbortSignal): Promise<void> {
  // taking first makes those who come later wait for the debt: everybody advances
  bucket.take(bytes);
  const { waitMs } = bucket;
  if (waitMs > 0) await clock.sleep(waitMs, signal);
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
