/** The headers that every request carries: who we are (undecorated traffic is deprioritised, protocol notes 4) and
 * that we want sources, not rendered pages (protocol notes 2.3). */
import type { Layer } from './transport.js';

export const DECORATED_USER_AGENT = 'NONISV|odbfs|odbfs/0.1';

export function decorateLayer(userAgent: string = DECORATED_USER_AGENT): Layer {
  const always = { 'user-agent': userAgent, translate: 'f' };
  return (inner) => ({
    send: (request, signal) =>
      inner.send({ ...request, headers: { accept: '*/*', ...always, ...request.headers } }, signal),
  });
}
