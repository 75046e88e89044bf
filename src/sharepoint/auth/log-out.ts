/**
 * Ends a sign-in: revokes what can be revoked, then removes everything that was kept. The removal happens even when no
 * server can be reached.
 */
import { AccountJar } from './account-jar.js';
import type { Attempt } from './attempt.js';
import { cookieUrl } from './session-cookies.js';
import { type SessionPlace, type SessionPlaceOptions, sessionPlace } from './session-place.js';
import { signatureFor } from './signed-headers.js';
import { withRenewalLock } from './store/renewal-lock.js';
import type { StoredSession } from './store/stored-session.js';

export interface LogOutResult {
  /** False when there was no sign-in. */
  readonly wasSignedIn: boolean;
  /** Whether the server was told; the secrets are gone in any case. */
  readonly revoked: boolean;
}

export interface LogOutOptions extends SessionPlaceOptions {
  /** State directories of other accounts: what one of them lives on as well is not ended. */
  readonly relatives?: readonly string[];
}

export async function logOut(options: LogOutOptions, signal: AbortSignal): Promise<LogOutResult> {
  const place = sessionPlace(options);
  const attempt = { ...place, signal };
  const work = async () => {
    const stored = await place.vault.load().catch(() => null);
    const isShared = stored?.family != null && (await lives(stored.family, options));
    const revoked = stored?.signedIn ? await revoke(stored, attempt, { ...place, isShared }) : false;
    await place.vault.remove();
    return { wasSignedIn: stored?.signedIn ?? false, revoked };
  };
  return place.lockPath === null ? work() : withRenewalLock(place.lockPath, attempt, work);
}

/** Removes what is kept at a place, and tells no server: the sign-in goes on elsewhere. */
export function forgetSignIn(options: SessionPlaceOptions): Promise<void> {
  return sessionPlace(options).vault.remove();
}

/** Whether another account lives on the sign-in of that name. */
async function lives(family: string, options: LogOutOptions): Promise<boolean> {
  const { relatives = [] } = options;
  const others = await Promise.all(
    relatives.map((stateDir) =>
      sessionPlace({ ...options, stateDir })
        .vault.load()
        .catch(() => null),
    ),
  );
  return others.some((other) => other?.signedIn === true && other.family === family);
}

/** SharePoint's own sign-out ends FedAuth and rtFa; the login host's ends its session, and with it every account that
 * was signed in by it. Tokens outlive both. */
async function revoke(
  stored: StoredSession,
  attempt: Attempt,
  { site, clock, log, isShared }: SessionPlace & { readonly isShared: boolean },
): Promise<boolean> {
  const jar = new AccountJar(clock, stored.jar);
  const url = new URL(`${site.webUrl}/_layouts/15/SignOut.aspx`);
  const { headers } = signatureFor(
    cookieUrl(site),
    { site, jar, tokens: null, userAgent: stored.userAgent },
    clock.now(),
  );
  try {
    const answer = await attempt.client.send({ url, headers, signal: attempt.signal });
    if (stored.loginUrl !== null && !isShared) await endLoginSession(attempt, stored.loginUrl, jar);
    return answer.status < 400;
  } catch (error) {
    attempt.signal.throwIfAborted();
    log.debug({ error }, 'the server could not be told of the logout');
    return false;
  }
}

async function endLoginSession(
  { client, signal }: Attempt,
  loginUrl: string,
  jar: AccountJar,
): Promise<void> {
  await client.send({ url: new URL(`${loginUrl}/common/oauth2/logout`), jar, signal });
}
