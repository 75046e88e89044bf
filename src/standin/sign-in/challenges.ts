/** The header lines by which SharePoint tells a client without a session how it could get one. */
import type { StandinRequest } from '../request.js';
import { ownOrigin, pathPrefix, siteOfPath } from './addresses.js';
import type { ExtraHeaders } from './answers.js';
import type { InvalidReason } from './contract.js';
import type { Desk } from './desk.js';

/** The principal of SharePoint Online in every tenant: a public constant. */
export const SHAREPOINT_PRINCIPAL = '00000003-0000-0ff1-ce00-000000000000';

/** Protocol notes 2.9; the code is what clients look at. */
export const ACCESS_DENIED_BROWSE_FIRST =
  '917656; Access+denied.+Before+opening+files+in+this+location%2c+you+must+first+browse+to+the+web+site+and+select+the+option+to+login+automatically.';

const TRUSTED_ISSUERS =
  '00000001-0000-0000-c000-000000000000@*,D3776938-3DBA-481F-A652-4BEDFCAB7CD8@*,https://sts.windows.net/*/,' +
  `${SHAREPOINT_PRINCIPAL}@90140122-8516-11e1-8eff-49304924019b`;

/** `IDCRL Type="BPOSIDCRL", …` (protocol notes 1e). */
export function idcrlChallenge(desk: Desk, request: StandinRequest, site: string): string {
  const endPoint = `${pathPrefix(desk.hosts, request)}${site}/_vti_bin/idcrl.svc/`;
  const rootDomain = desk.hosts.cookieDomainOf(request) ?? 'sharepoint.com';
  return `IDCRL Type="BPOSIDCRL", EndPoint="${endPoint}", RootDomain="${rootDomain}", Policy="MBI"`;
}

/** The full `Bearer` challenge, with the error that tells a token's fault (protocol notes 1h). */
export function bearerChallenge(desk: Desk, request: StandinRequest, reason: InvalidReason): string {
  const parts = [
    `realm="${desk.tenantId}"`,
    `client_id="${SHAREPOINT_PRINCIPAL}"`,
    `trusted_issuers="${TRUSTED_ISSUERS}"`,
    `authorization_uri="${desk.hosts.originOf('login', request)}/common/oauth2/authorize"`,
    `cookie_uri="${ownOrigin(desk.hosts, request)}/_api/SP.OAuth.NativeClient/Authenticate"`,
  ];
  if (reason === 'insufficient-claims') {
    parts.push('error="insufficient_claims"', `claims="${claimsChallenge(desk)}"`);
  }
  return `Bearer ${parts.join(',')}`;
}

/** The claims that a token has to be asked for with, while the switch `insufficientClaims` is on. */
export function claimsChallenge(desk: Desk): string {
  const since = String(Math.trunc(desk.clock.now() / 1000));
  return Buffer.from(JSON.stringify({ access_token: { nbf: { essential: true, value: since } } })).toString(
    'base64',
  );
}

/** The forms that a client may show instead (MS-OFBA 2.2.2, protocol notes 1f). */
export function ofbaHeaders(desk: Desk, request: StandinRequest): ExtraHeaders {
  const origin = ownOrigin(desk.hosts, request);
  const prefix = pathPrefix(desk.hosts, request);
  const source = siteOfPath(request.path) || '/';
  const { ofbaReturnUrl, ofbaDialogSize } = desk.switches;
  const login = `${origin}/_forms/default.aspx?ReturnUrl=${prefix}/_layouts/15/error.aspx&Source=${prefix}${source}`;
  return {
    'X-Forms_Based_Auth_Required': login,
    ...(ofbaReturnUrl && { 'X-Forms_Based_Auth_Return_Url': `${origin}/_layouts/15/error.aspx` }),
    ...(ofbaDialogSize !== '' && { 'X-Forms_Based_Auth_Dialog_Size': ofbaDialogSize }),
  };
}
