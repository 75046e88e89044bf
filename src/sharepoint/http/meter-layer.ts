/** Counts and logs every attempt that goes to the wire: a line per request, without header values and queries. */
import type { Clock, Log, Metrics } from '../../base/index.js';
import { watchedBody } from './body.js';
import type { HttpRequest, HttpResponse, Layer, RequestBody } from './transport.js';

export interface MeterOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

export function meterLayer(options: MeterOptions): Layer {
  const { clock, log, metrics } = options;
  return (inner) => ({
    async send(request, signal) {
      const startedMs = clock.monotonic();
      metrics.add('requests.total');
      const tookMs = () => Math.round(clock.monotonic() - startedMs);
      try {
        const body = request.body === null ? null : countedBody(request.body, metrics);
        const response = await inner.send({ ...request, body }, signal);
        log.debug({ ...named(request), status: response.status, tookMs: tookMs() }, 'request');
        return counted(response, metrics);
      } catch (error) {
        if (!signal.aborted) metrics.add('requests.failed');
        log.debug(
          { ...named(request), tookMs: tookMs(), failure: String(error) },
          'request without an answer',
        );
        throw error;
      }
    },
  });
}

function named({ method, url }: HttpRequest): { method: string; host: string; path: string } {
  return { method, host: url.host, path: url.pathname };
}

function counted(response: HttpResponse, metrics: Metrics): HttpResponse {
  if (response.status === 429 || response.status === 503) metrics.add('requests.throttled');
  else if (response.status >= 500) metrics.add('requests.failed');
  const onPiece = (bytes: number) => metrics.add('requests.bytesReceived', bytes);
  return { ...response, body: watchedBody(response.body, { onPiece }) };
}

function countedBody(body: RequestBody, metrics: Metrics): RequestBody {
  return {
    size: body.size,
    async *open() {
      for await (const piece of body.open()) {
        metrics.add('requests.bytesSent', piece.length);
        yield piece;
      }
    },
  };
}
