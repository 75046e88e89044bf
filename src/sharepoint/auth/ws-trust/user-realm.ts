/** Where a user signs in: GetUserRealm (protocol notes 1a). Asks with the user name only. */
import type { LoginClient } from '../login-client.js';
import { SignInError } from '../sign-in-error.js';
import { firstText, readXml } from './soap.js';

export type UserRealm =
  | { readonly kind: 'managed' }
  | {
      readonly kind: 'federated';
      /** The organisation's own token service, `.../adfs/services/trust/2005/usernamemixed`. */
      readonly tokenServiceUrl: URL;
      readonly relyingParty: string;
    };

const DEFAULT_RELYING_PARTY = 'urn:federation:MicrosoftOnline';

export async function findUserRealm(
  client: LoginClient,
  loginUrl: string,
  username: string,
  signal: AbortSignal,
): Promise<UserRealm> {
  const answer = await client.send({
    method: 'POST',
    url: new URL(`${loginUrl}/GetUserRealm.srf`),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ login: username, xml: '1' }).toString(),
    signal,
  });
  const tree = readXml(answer.text);
  const kind = firstText(tree, 'NameSpaceType');
  if (kind === 'Managed') return { kind: 'managed' };
  if (kind === 'Federated') return federated(tree);
  if (kind === null) {
    throw new SignInError(
      'protocol',
      `${answer.url.host} did not say where this user signs in: check the site address`,
    );
  }
  throw new SignInError('unknown-user', 'no organisation knows this user name: check it (user@organisation)');
}

function federated(tree: unknown): UserRealm {
  const given = firstText(tree, 'STSAuthURL');
  const login = firstText(tree, 'AuthURL');
  const address = given ?? (login && URL.canParse(login) ? usernameMixedAt(login) : null);
  if (address === null || !URL.canParse(address)) {
    throw new SignInError(
      'federated-mismatch',
      'the organisation signs its users in itself and names no service for passwords: use "--method browser"',
    );
  }
  const relyingParty = firstText(tree, 'CloudInstanceIssuerUri') ?? DEFAULT_RELYING_PARTY;
  return { kind: 'federated', tokenServiceUrl: new URL(address), relyingParty };
}

function usernameMixedAt(loginPage: string): string {
  return new URL('/adfs/services/trust/2005/usernamemixed', loginPage).href;
}
