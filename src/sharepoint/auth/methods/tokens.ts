/** Sign-in with a client id: a device code anywhere, or the person's own browser on this machine; then the cookie. */
import { AccountJar } from '../account-jar.js';
import type { NewSecrets } from '../attempt.js';
import { tokensByDeviceCode } from '../oauth/device-code.js';
import { tokensByLoopback } from '../oauth/loopback-code.js';
import { nativeSession } from '../oauth/native-client.js';
import { DEFAULT_TENANT, type OAuthClient, requestTokens, TokenRefused } from '../oauth/token-endpoint.js';
import { SignInError } from '../sign-in-error.js';
import type { StoredTokens } from '../store/stored-session.js';
import { loginUrlFor, type Way } from './ways.js';

export async function secretsByDevice(way: Way): Promise<NewSecrets> {
  const { attempt, prompts } = way;
  const client = await clientFor(way);
  const tokens = await tokensByDeviceCode(attempt, client, ({ userCode, page }) => {
    prompts.tell(`Open ${page.href} in a browser, on any device, and type the code ${userCode}`);
  });
  return withCookie(way, client, tokens);
}

export async function secretsByCode(way: Way): Promise<NewSecrets> {
  const { attempt, prompts } = way;
  const client = await clientFor(way);
  const tokens = await tokensByLoopback(attempt, client, async (page) => {
    const opened = (await prompts.openPage?.(page)) ?? false;
    prompts.tell(
      opened ? 'Sign in in the browser window that has opened' : `Open this page in a browser: ${page.href}`,
    );
  });
  return withCookie(way, client, tokens);
}

async function clientFor(way: Way): Promise<OAuthClient> {
  const { request } = way;
  if (!request.clientId) {
    throw new SignInError(
      'bad-input',
      'this way needs the id of a registered client (--client-id, and --tenant if it is of one tenant only); "--method browser" needs none',
    );
  }
  return {
    loginUrl: await loginUrlFor(way),
    tenant: request.tenant ?? DEFAULT_TENANT,
    clientId: request.clientId,
  };
}

async function withCookie({ attempt }: Way, client: OAuthClient, tokens: StoredTokens): Promise<NewSecrets> {
  const made = await nativeSession(attempt, tokens.accessToken, new AccountJar(attempt.clock));
  const place = { loginUrl: client.loginUrl, tenant: client.tenant };
  if (made.claims === null || tokens.refreshToken === null) return { jar: made.jar, tokens, ...place };
  const richer = await withClaims(attempt, client, { tokens, claims: made.claims });
  return { jar: (await nativeSession(attempt, richer.accessToken, made.jar)).jar, tokens: richer, ...place };
}

async function withClaims(
  attempt: Way['attempt'],
  client: OAuthClient,
  { tokens, claims }: { readonly tokens: StoredTokens; readonly claims: string },
): Promise<StoredTokens> {
  try {
    const grant = { grant_type: 'refresh_token', refresh_token: tokens.refreshToken!, claims };
    const next = await requestTokens(attempt, client, grant);
    return { ...next, refreshToken: next.refreshToken ?? tokens.refreshToken };
  } catch (error) {
    throw error instanceof TokenRefused ? error.reason : error;
  }
}
