/**
 * An access token for the cookie that signs in WebDAV: `SP.OAuth.NativeClient/Authenticate` gives SPOIDCRL (protocol
 * notes 1e2). Where a server does not know that exchange, the token itself stays the way to sign in.
 */
import type { AccountJar } from '../account-jar.js';
import type { Attempt } from '../attempt.js';
import { NATIVE } from '../session-cookies.js';
import { claimsIn } from './claims-challenge.js';

export interface NativeSession {
  readonly jar: AccountJar;
  /** What the server misses in the token, as JSON for the token endpoint; null when it is content. */
  readonly claims: string | null;
}

export async function nativeSession(
  attempt: Attempt,
  accessToken: string,
  jar: AccountJar,
): Promise<NativeSession> {
  const { client, log, site, signal, userAgent } = attempt;
  const fresh = jar.clone();
  fresh.remove(({ name, domain }) => name === NATIVE && domain === site.hostname);
  const url = new URL(`${site.rootUrl}/_api/SP.OAuth.NativeClient/Authenticate`);
  const answer = await client.send({
    method: 'POST',
    url,
    headers: {
      'user-agent': userAgent,
      authorization: `Bearer ${accessToken}`,
      'x-idcrl_accepted': 't',
      accept: 'application/json;odata=verbose',
    },
    jar: fresh,
    signal,
  });
  const gotCookie = fresh.value(url, NATIVE) !== null;
  if (!gotCookie) log.debug({ status: answer.status }, 'no cookie for the token: the token itself signs in');
  return { jar: fresh, claims: gotCookie ? null : claimsIn(answer.header('www-authenticate')) };
}
