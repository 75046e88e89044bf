/**
 * Lets a request out when the governor has a slot for it, keeps the slot until the answer's body has ended, and tells
 * the governor how the server feels; also when it says nothing at all.
 */
import type { Clock } from '../../base/index.js';
import { DriveError } from '../../drive/index.js';
import { pauseAskedFor, rateLimit } from '../wire/retry-after.js';
import { watchedBody } from './body.js';
import type { Governor } from './governor.js';
import type { Asked, Permit } from './lanes.js';
import type { HttpRequest, HttpResponse, Layer, Transport } from './transport.js';
import { WireFailure } from './wire-failure.js';

/** So long no answer to a small request is strange; and it leaves time to look before who waits is told (10 s). */
const SUSPICIOUS_MS = 4_000;
const SOON_SENT_BYTES = 64 * 1024;

export function governedLayer(governor: Governor, clock: Clock): Layer {
  return (inner) => ({
    async send(request, signal) {
      const turn = governor.acquire(askedBy(request), signal);
      const permit = await (request.patience?.inLine(governor.crowd, turn) ?? turn);
      return sendWith(permit, { inner, governor, clock }, request, signal);
    },
  });
}

/** The patience as it is at any moment: nobody waits for a pause that outlasts it. */
function askedBy({ lane, long, isSoon, patience, patienceMs }: HttpRequest): Asked {
  return {
    lane,
    long: long ?? false,
    isSoon: isSoon ?? false,
    get patienceMs() {
      return patience?.leftMs ?? patienceMs;
    },
  };
}

interface Parts {
  readonly inner: Transport;
  readonly governor: Governor;
  readonly clock: Clock;
}

async function sendWith(
  permit: Permit,
  parts: Parts,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const stopWaiting = watchSilence(request, parts);
  try {
    const response = await parts.inner.send(request, signal);
    judge(response, parts.governor, parts.clock);
    const onEnd = (error: unknown) => {
      permit.release();
      note(error, parts.governor);
    };
    return { ...response, body: watchedBody(response.body, { onEnd }) };
  } catch (error) {
    permit.release();
    note(error, parts.governor);
    throw error;
  } finally {
    stopWaiting();
  }
}

/** Not for what is long on its way itself. */
function watchSilence({ body }: HttpRequest, { governor, clock }: Parts): () => void {
  if (body !== null && body.size > SOON_SENT_BYTES) return () => {};
  return clock.after(SUSPICIOUS_MS, () => governor.network.silent());
}

function judge(response: HttpResponse, governor: Governor, clock: Clock): void {
  const { headers, status } = response;
  const limit = rateLimit(headers);
  if (status === 429 || status === 503) {
    const pauses = [pauseAskedFor(headers, clock.now()), limit?.resetMs ?? null];
    const told = pauses.filter((pause) => pause !== null);
    governor.throttled(told.length === 0 ? null : Math.max(...told));
    return;
  }
  governor.succeeded(healthScore(headers['x-sharepointhealthscore']));
  if (limit !== null && limit.remaining <= 0) governor.pause(limit.resetMs);
}

function healthScore(text: string | undefined): number | null {
  const score = Number(text);
  return text === undefined || !Number.isFinite(score) ? null : score;
}

function note(error: unknown, { network }: Governor): void {
  if (error instanceof DriveError && error.cause instanceof WireFailure)
    network.failed(!error.cause.isNoNetwork);
}
