/**
 * Takes an answer that is not the server's for what it is: no answer. So a hotel's sign-in page makes the mount offline
 * until the way is free, instead of signing it out or ending up in a file. At the bottom, below whoever counts answers.
 */
import { DriveError } from '../../drive/index.js';
import type { Genuineness } from '../wire/genuine.js';
import { isSignInPage } from '../wire/not-signed-in.js';
import { discard, peeked } from './body.js';
import type { HttpRequest, HttpResponse, Layer } from './transport.js';
import { WireFailure } from './wire-failure.js';

const LOOK_BYTES = 32 * 1024;
/** Shown where a connection's own failure would have its code. */
const CODE = 'EPORTAL';

/** Whose answer it is, as far as its head tells. */
export type JudgeGenuineness = (head: {
  readonly method: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly url: URL;
}) => Genuineness;

/** Requests that do not say how their server is told from others pass as they are. */
export const genuineLayer: Layer = (inner) => ({
  async send(request, signal) {
    const response = await inner.send(request, signal);
    return request.judge === undefined ? response : genuine(request, response, request.judge);
  },
});

async function genuine(
  { method, url }: HttpRequest,
  response: HttpResponse,
  judge: JudgeGenuineness,
): Promise<HttpResponse> {
  const verdict = judge({ method, url, status: response.status, headers: response.headers });
  if (verdict === 'genuine') return response;
  if (verdict === 'foreign') {
    discard(response);
    throw notTheServer(url);
  }
  const { start, body } = await peeked(response.body, LOOK_BYTES);
  if (isSignInPage(start.toString('latin1'))) return { ...response, body };
  body.cancel();
  throw notTheServer(url);
}

function notTheServer(url: URL): DriveError {
  return new DriveError('unreachable', `something else answers in the place of ${url.host}`, {
    cause: new WireFailure(CODE, false),
  });
}

/** Marks all requests that go through it. */
export function judgedBy(judge: JudgeGenuineness): Layer {
  return (inner) => ({ send: (request, signal) => inner.send({ ...request, judge }, signal) });
}
