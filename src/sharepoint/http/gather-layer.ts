/**
 * The beginning of an answer that is text comes as a whole, or it is no answer: a connection that breaks in the middle of a
 * few properties is one that broke before them, and whoever repeats requests repeats this one. What is longer, or takes
 * its time, is handed on as it comes, and ends with the connection.
 */
import type { Clock } from '../../base/index.js';
import { peeked } from './body.js';
import type { Layer } from './transport.js';

const GATHERED_BYTES = 256 * 1024;
const GATHERED_MS = 2_000;

export function gatherLayer(clock: Clock): Layer {
  return (inner) => ({
    async send(request, signal) {
      const response = await inner.send(request, signal);
      if (request.isText !== true) return response;
      const startedMs = clock.monotonic();
      const isSlow = () => clock.monotonic() - startedMs > GATHERED_MS;
      const { body } = await peeked(response.body, GATHERED_BYTES, isSlow);
      return { ...response, body };
    },
  });
}
