/**
 * Follows redirects by hand: the same method, the same origin, a few times. A DAV verb never becomes a GET, nothing
 * goes from https to http or to a foreign host (protocol notes 5.2.19 and 5.2.20). Redirects to sign-in pages never
 * come this far: they are the session layer's.
 */
import { discard } from './body.js';
import type { HttpRequest, HttpResponse, Layer } from './transport.js';

const LONGEST_CHAIN = 3;
const SAME_METHOD = new Set([307, 308]);
/** Reading somewhere else does no harm; a write that was sent elsewhere is for the caller to know. */
const READS = new Set(['GET', 'HEAD', 'OPTIONS', 'PROPFIND']);
const MOVED = new Set([301, 302, 303]);

export const redirectLayer: Layer = (inner) => ({
  async send(request, signal) {
    let current = request;
    for (let hops = 0; ; hops++) {
      const response = await inner.send(current, signal);
      const target = hops < LONGEST_CHAIN ? followable(current, response) : null;
      if (target === null) return response;
      discard(response);
      current = { ...current, url: target };
    }
  },
});

function followable({ method, url }: HttpRequest, { status, headers }: HttpResponse): URL | null {
  const { location } = headers;
  if (location === undefined || !URL.canParse(location, url.href)) return null;
  const target = new URL(location, url);
  if (target.origin !== url.origin) return null;
  if (SAME_METHOD.has(status)) return target;
  if (!MOVED.has(status)) return null;
  const addsSlash = target.pathname === `${url.pathname}/`;
  return READS.has(method) || addsSlash ? target : null;
}
