/**
 * Tries a session before it is trusted: asks the site who we are (protocol notes 1g). Cookies may be fine by their own
 * word and still be refused from here.
 */
import type { Attempt } from './attempt.js';
import type { LoginAnswer } from './login-client.js';

export type PreFlight =
  | { readonly kind: 'alive' }
  /** `davError`: the code of X-MSDAVEXT_Error; 917656 with a fresh session means policy. */
  | { readonly kind: 'dead'; readonly davError: number | null }
  /** Signed in, but this user may not open this site. */
  | { readonly kind: 'no-access' }
  | { readonly kind: 'no-site' };

export const POLICY_ERROR = 917_656;

export async function preFlight(
  { client, site, userAgent, signal }: Pick<Attempt, 'client' | 'site' | 'userAgent' | 'signal'>,
  signed: Readonly<Record<string, string>>,
): Promise<PreFlight> {
  const answer = await client.send({
    url: new URL(`${site.webUrl}/_api/web/currentuser?$select=Id`),
    headers: { 'user-agent': userAgent, ...signed, accept: 'application/json;odata=nometadata' },
    signal,
  });
  return judge(answer);
}

function judge(answer: LoginAnswer): PreFlight {
  const code = Number.parseInt(answer.header('x-msdavext_error') ?? '', 10);
  const davError = Number.isNaN(code) ? null : code;
  if (answer.status === 401 || davError === POLICY_ERROR) return { kind: 'dead', davError };
  if (answer.status === 403) {
    return answer.header('x-forms_based_auth_required') ? { kind: 'dead', davError } : { kind: 'no-access' };
  }
  if (answer.status === 404) return { kind: 'no-site' };
  const isPage = /html/i.test(answer.header('content-type') ?? '');
  return answer.status < 300 && !isPage ? { kind: 'alive' } : { kind: 'dead', davError };
}
