/** Tries new secrets against the site before they are kept, and says what is wrong when they are refused. */
import type { Attempt, NewSecrets } from './attempt.js';
import { BROWSER_USER_AGENT } from './login-client.js';
import { POLICY_ERROR, type PreFlight, preFlight } from './pre-flight.js';
import { SignInError } from './sign-in-error.js';
import { signatureFor } from './signed-headers.js';
import type { SignInMethod } from './store/stored-session.js';

/**
 * The User-Agent that the session needs; null when it takes ours. Some tenants refuse the very same cookies from what
 * does not look like a browser (protocol notes 2.9), so that look is tried once; our own name stays in it.
 */
export async function tryOut(
  attempt: Attempt,
  secrets: NewSecrets,
  method: SignInMethod,
): Promise<string | null> {
  const plain = await tried(attempt, secrets, null);
  if (plain.kind === 'alive') return null;
  const look = secrets.madeBy ?? BROWSER_USER_AGENT;
  for (const userAgent of secrets.tokens ? [] : [`${look} ${attempt.userAgent}`, look]) {
    if ((await tried(attempt, secrets, userAgent)).kind === 'alive') return userAgent;
  }
  throw refusal(attempt, plain, method);
}

function tried(attempt: Attempt, { jar, tokens }: NewSecrets, userAgent: string | null): Promise<PreFlight> {
  const { site, clock } = attempt;
  const url = new URL(`${site.webUrl}/_api/web/currentuser`);
  return preFlight(
    attempt,
    signatureFor(url, { site, jar, tokens: tokens ?? null, userAgent }, clock.now()).headers,
  );
}

function refusal(
  { site }: Attempt,
  found: Exclude<PreFlight, { kind: 'alive' }>,
  method: SignInMethod,
): SignInError {
  if (found.kind === 'no-access' && method !== 'cookies') {
    return new SignInError(
      'no-access',
      `signed in, but this user may not open ${site.webUrl}: check the address or the user`,
    );
  }
  if (found.kind === 'no-site')
    return new SignInError('bad-input', `there is no site at ${site.webUrl}: check the address`);
  if (method === 'cookies') {
    return new SignInError(
      'not-transferable',
      'the server refuses these cookies: they have ended, or the tenant binds them to the browser they come from; try "--method browser"',
    );
  }
  if (method === 'browser') {
    return new SignInError(
      'not-transferable',
      'the sign-in worked in the browser, but the server refuses it from here: a rule of the tenant binds it to the browser or device; ask the administrator',
    );
  }
  if (found.kind === 'dead' && found.davError === POLICY_ERROR) {
    return new SignInError(
      'policy-blocked',
      'the fresh sign-in is refused by a rule of the tenant (917656): ask the administrator to allow this device',
    );
  }
  return new SignInError(
    'protocol',
    `${site.hostname} refuses the fresh sign-in: use "odbfs login --method browser"`,
  );
}
