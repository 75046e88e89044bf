/** The drive API as the tests of the stand-in call it: with a bearer, bodies as JSON unless they are text. */
import { type Got, SITE, type StandinClient } from './standin-client.js';

export type V2 = (
  method: string,
  path: string,
  body?: string | Uint8Array | object,
  headers?: Readonly<Record<string, string>>,
) => Promise<Got>;

/** Below `_api/v2.0/` of the first user's site, with a token issued now. */
export function v2For(client: StandinClient): V2 {
  const { control, origin } = client.standin;
  const authorization = `Bearer ${control.accessToken(origin)}`;
  return (method, path, body, headers = {}) => {
    const isPlain = typeof body === 'string' || body instanceof Uint8Array;
    const content = body === undefined ? {} : { body: isPlain ? body : JSON.stringify(body) };
    return client.send(method, `${SITE}/_api/v2.0/${path}`, {
      ...content,
      signedIn: false,
      headers: { Authorization: authorization, ...headers },
    });
  };
}
