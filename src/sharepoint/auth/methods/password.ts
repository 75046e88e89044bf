/**
 * Sign-in by user name and password: token by WS-Trust, cookies by `/_forms/default.aspx` (protocol notes 1b-1d). For
 * servers and tenants that still take it; SharePoint Online ended it in May 2026, and then says so clearly.
 */
import { AccountJar } from '../account-jar.js';
import type { Attempt, NewSecrets } from '../attempt.js';
import type { LoginAnswer } from '../login-client.js';
import { cookieUrl, FED_AUTH, RT_FA } from '../session-cookies.js';
import { SignInError } from '../sign-in-error.js';
import type { UserSecret } from '../ws-trust/envelopes.js';
import { requestSecurityToken } from '../ws-trust/security-token.js';
import { LEGACY_OFF } from '../ws-trust/token-fault.js';

export async function signInWithPassword(
  attempt: Attempt,
  loginUrl: string,
  secret: UserSecret,
): Promise<NewSecrets> {
  const { client, clock, passwords, site, signal } = attempt;
  const token = await requestSecurityToken({
    client,
    clock,
    loginUrl,
    siteOrigin: site.origin,
    secret,
    passwords,
    signal,
  });
  return { jar: await exchangeForCookies(attempt, token), loginUrl };
}

/**
 * The answer is a redirect that is not followed: its cookies are what counts, and both must be there. rtFa is for the
 * other hosts of the tenant: a server under another name may set it for a domain that is not its own, and is signed in to.
 */
async function exchangeForCookies(
  { client, clock, site, signal }: Attempt,
  token: string,
): Promise<AccountJar> {
  const jar = new AccountJar(clock);
  const answer = await client.send({
    method: 'POST',
    url: new URL(`${site.rootUrl}/_forms/default.aspx?wa=wsignin1.0`),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: token,
    jar,
    signal,
  });
  if (jar.value(cookieUrl(site), FED_AUTH) !== null && answer.setsCookie(RT_FA)) return jar;
  throw noCookies(answer);
}

function noCookies(answer: LoginAnswer): SignInError {
  if (answer.header('x-msdavext_error')?.startsWith('917656'))
    return new SignInError('legacy-off', LEGACY_OFF);
  return new SignInError(
    'protocol',
    `${answer.url.host} took the token but gave no session cookies: use "odbfs login --method browser"`,
  );
}
