/**
 * The outermost bound: an answer begins within the request's patience, whatever the layers below wait for (slots,
 * pauses, renewals, repetitions), or the caller hears `unreachable`. Bodies are bounded by silence, not by this.
 */
import type { Clock } from '../../base/index.js';
import { DriveError } from '../../drive/index.js';
import { watchedBody } from './body.js';
import { LinkedAbort } from './linked-abort.js';
import type { Layer } from './transport.js';

export function patienceLayer(clock: Clock): Layer {
  return (inner) => ({
    async send(request, signal) {
      const abort = new LinkedAbort(signal);
      const cancel = clock.after(request.patienceMs, () => abort.abort(outOfPatience(request.patienceMs)));
      try {
        const response = await inner.send(request, abort.signal);
        return { ...response, body: watchedBody(response.body, { onEnd: () => abort.release() }) };
      } catch (error) {
        abort.release();
        throw error;
      } finally {
        cancel();
      }
    },
  });
}

function outOfPatience(patienceMs: number): DriveError {
  return new DriveError('unreachable', `no answer within ${Math.round(patienceMs / 1000)} s`);
}
