/**
 * The outermost bound: an answer begins within the request's patience, whatever the layers below wait for (pauses,
 * renewals, repetitions, and slots that no other request of ours takes), or the caller hears `unreachable`. Bodies are
 * bounded by silence, not by this.
 */
import type { Clock } from '../../base/index.js';
import { DriveError } from '../../drive/index.js';
import { watchedBody } from './body.js';
import { LinkedAbort } from './linked-abort.js';
import { Patience } from './patience.js';
import type { Layer } from './transport.js';

export function patienceLayer(clock: Clock): Layer {
  return (inner) => ({
    async send(request, signal) {
      const abort = new LinkedAbort(signal);
      const end = () => abort.abort(outOfPatience(request.patienceMs));
      const patience = new Patience(clock, request.patienceMs, end);
      try {
        const response = await inner.send({ ...request, patience }, abort.signal);
        return { ...response, body: watchedBody(response.body, { onEnd: () => abort.release() }) };
      } catch (error) {
        abort.release();
        throw error;
      } finally {
        patience.stop();
      }
    },
  });
}

function outOfPatience(patienceMs: number): DriveError {
  return new DriveError('unreachable', `no answer within ${Math.round(patienceMs / 1000)} s`);
}
