/** A stored session with the secrets of a new sign-in or renewal in it, and the times that follow from them. */
import type { Attempt, NewSecrets } from '../attempt.js';
import { cookieUrl, sessionExpiry } from '../session-cookies.js';
import type { StoredSession, StoredTokens } from '../store/stored-session.js';

export function withSecrets(
  session: StoredSession,
  secrets: NewSecrets,
  { clock, client, site }: Pick<Attempt, 'clock' | 'client' | 'site'>,
): StoredSession {
  const nowMs = clock.now();
  const tokens = secrets.tokens ?? session.tokens;
  const cookieEnd = sessionExpiry(secrets.jar, cookieUrl(site), client.skewMs(site.origin));
  return {
    ...session,
    jar: secrets.jar.serialize(),
    // The older refresh token has served as a spare until the newer one was seen to work.
    tokens: tokens && { ...tokens, previousRefreshToken: null },
    loginUrl: secrets.loginUrl ?? session.loginUrl,
    tenant: secrets.tenant ?? session.tenant,
    signedIn: true,
    renewedAt: nowMs,
    expiresAt: endOf(cookieEnd, tokens, nowMs),
  };
}

/** The earlier of the cookie's end and the token's; an end that is over already is no end that we understand. */
function endOf(cookieEnd: number | null, tokens: StoredTokens | null, nowMs: number): number | null {
  const ends = [cookieEnd, tokens?.accessExpiresAt ?? null].filter((end) => end !== null && end > nowMs);
  return ends.length === 0 ? null : Math.min(...(ends as number[]));
}
