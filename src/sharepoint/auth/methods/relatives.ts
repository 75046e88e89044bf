/**
 * A new account for a site of a tenant where another account is signed in already (a team site beside the personal one)
 * needs no person: rtFa and the login host's cookies serve all hosts of the tenant (protocol notes 1g), and a refresh
 * token serves every resource (1h). Whatever goes wrong here only means that a person is asked after all.
 */
import { AccountJar } from '../account-jar.js';
import type { Attempt, NewSecrets } from '../attempt.js';
import { nativeSession } from '../oauth/native-client.js';
import { refreshTokens } from '../oauth/token-endpoint.js';
import { renewByPages } from '../renewals/by-pages.js';
import { SignInError } from '../sign-in-error.js';
import { SiteAddress } from '../site-address.js';
import type { SessionVault } from '../store/session-vault.js';
import type { SignInMethod, StoredSession } from '../store/stored-session.js';

export interface Inherited {
  readonly secrets: NewSecrets;
  readonly method: SignInMethod;
  readonly username: string | null;
  readonly clientId: string | null;
  readonly family: string | null;
}

export interface Relatives {
  readonly vaults: readonly SessionVault[];
  /** Only this user's sign-in will do; null for whichever. */
  readonly username: string | null;
}

/** Null when no relative can help. `accepts` tries the secrets against the site. */
export async function inheritSignIn(
  attempt: Attempt,
  { vaults, username }: Relatives,
  accepts: (secrets: NewSecrets, method: SignInMethod) => Promise<unknown>,
): Promise<Inherited | null> {
  for (const relative of vaults) {
    try {
      const stored = await relative.load();
      if (!stored?.signedIn || !isOfSameTenant(stored, attempt.site)) continue;
      if (username !== null && stored.username !== null && username !== stored.username) continue;
      const inherited = await from(stored, attempt);
      await accepts(inherited.secrets, inherited.method);
      return inherited;
    } catch (error) {
      if (!(error instanceof SignInError)) throw error;
      attempt.log.debug({ kind: error.kind }, 'the sign-in of another account does not serve this site');
    }
  }
  return null;
}

function isOfSameTenant(stored: StoredSession, site: SiteAddress): boolean {
  const theirs = new SiteAddress(stored.siteUrl);
  return theirs.origin === site.origin || theirs.isSibling(new URL(site.origin));
}

async function from(stored: StoredSession, attempt: Attempt): Promise<Inherited> {
  const { username, clientId, family } = stored;
  const jar = new AccountJar(attempt.clock, stored.jar);
  if (stored.tokens?.refreshToken) {
    const tokens = await refreshTokens(attempt, stored, null);
    const made = await nativeSession(attempt, tokens.accessToken, new AccountJar(attempt.clock));
    return {
      secrets: { jar: made.jar, tokens, ...placeOf(stored) },
      method: stored.method,
      username,
      clientId,
      family,
    };
  }
  const secrets = await renewByPages(attempt, jar, stored.loginUrl);
  // A password stays with the account that it was given to.
  const method = stored.method === 'password' ? 'cookies' : stored.method;
  return { secrets, method, username, clientId: null, family };
}

function placeOf({ loginUrl, tenant }: StoredSession): Pick<NewSecrets, 'loginUrl' | 'tenant'> {
  return { ...(loginUrl === null ? {} : { loginUrl }), ...(tenant === null ? {} : { tenant }) };
}
