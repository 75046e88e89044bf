/** The requests for a security token (protocol notes 1b, 1c). Everything that a person typed is escaped here. */
import { escapeXml } from './soap.js';

export interface UserSecret {
  readonly username: string;
  readonly password: string;
}

export type TrustVersion = '2005' | '13';

const ENVELOPE =
  'xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing"' +
  ' xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"' +
  ' xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"';
const PASSWORD_TEXT =
  'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText';
const POLICY = 'http://schemas.xmlsoap.org/ws/2004/09/policy';

interface TrustWords {
  readonly namespace: string;
  readonly keyType: string;
  readonly requestType: string;
}

const WORDS: Record<TrustVersion, TrustWords> = {
  '2005': {
    namespace: 'http://schemas.xmlsoap.org/ws/2005/02/trust',
    keyType: 'http://schemas.xmlsoap.org/ws/2005/05/identity/NoProofKey',
    requestType: 'http://schemas.xmlsoap.org/ws/2005/02/trust/Issue',
  },
  '13': {
    namespace: 'http://docs.oasis-open.org/ws-sx/ws-trust/200512',
    keyType: 'http://docs.oasis-open.org/ws-sx/ws-trust/200512/Bearer',
    requestType: 'http://docs.oasis-open.org/ws-sx/ws-trust/200512/Issue',
  },
};

interface Rst {
  readonly to: string;
  readonly version: TrustVersion;
  readonly security: string;
  readonly appliesTo: string;
  readonly policyReference?: string;
  readonly authInfo?: string;
}

/** extSTS.srf, managed accounts: user name and password for a token of `appliesTo`. */
export function passwordRequest(to: string, secret: UserSecret, appliesTo: string): string {
  return envelope({
    to,
    version: '2005',
    security: usernameToken(secret),
    appliesTo,
    policyReference: 'MBI',
  });
}

/** ADFS `usernamemixed`: user name and password for an assertion that the cloud's login host takes. */
export function adfsRequest(
  to: string,
  version: TrustVersion,
  secret: UserSecret,
  { relyingParty, nowMs }: { readonly relyingParty: string; readonly nowMs: number },
): string {
  const security = timestamp(nowMs) + usernameToken(secret);
  return envelope({ to, version, security, appliesTo: relyingParty });
}

/** rst2.srf or extSTS.srf: an assertion, untouched, for a token of `appliesTo`. */
export function assertionRequest(to: string, assertion: string, appliesTo: string): string {
  const authInfo =
    '<ps:AuthInfo xmlns:ps="http://schemas.microsoft.com/Passport/SoapServices/PPCRL" Id="PPAuthInfo">' +
    '<ps:HostingApp>Managed IDCRL</ps:HostingApp><ps:BinaryVersion>5</ps:BinaryVersion>' +
    '<ps:Cookies></ps:Cookies><ps:RequestParams>AQAAAAIAAABsYwQAAAAxMDMz</ps:RequestParams></ps:AuthInfo>';
  return envelope({ to, version: '2005', security: assertion, appliesTo, policyReference: 'MBI', authInfo });
}

function envelope(rst: Rst): string {
  const words = WORDS[rst.version];
  const action = `${words.namespace}/RST/Issue`;
  const policy = rst.policyReference
    ? `<wsp:PolicyReference xmlns:wsp="${POLICY}" URI="${rst.policyReference}"/>`
    : '';
  return (
    `<?xml version="1.0" encoding="UTF-8"?><s:Envelope ${ENVELOPE}><s:Header>` +
    `<a:Action s:mustUnderstand="1">${action}</a:Action>` +
    '<a:ReplyTo><a:Address>http://www.w3.org/2005/08/addressing/anonymous</a:Address></a:ReplyTo>' +
    `<a:To s:mustUnderstand="1">${escapeXml(rst.to)}</a:To>${rst.authInfo ?? ''}` +
    `<o:Security s:mustUnderstand="1">${rst.security}</o:Security></s:Header><s:Body>` +
    `<t:RequestSecurityToken xmlns:t="${words.namespace}"><wsp:AppliesTo xmlns:wsp="${POLICY}">` +
    `<a:EndpointReference><a:Address>${escapeXml(rst.appliesTo)}</a:Address></a:EndpointReference></wsp:AppliesTo>` +
    `${policy}<t:KeyType>${words.keyType}</t:KeyType><t:RequestType>${words.requestType}</t:RequestType>` +
    '<t:TokenType>urn:oasis:names:tc:SAML:1.0:assertion</t:TokenType></t:RequestSecurityToken></s:Body></s:Envelope>'
  );
}

function usernameToken({ username, password }: UserSecret): string {
  return (
    `<o:UsernameToken u:Id="user"><o:Username>${escapeXml(username)}</o:Username>` +
    `<o:Password Type="${PASSWORD_TEXT}">${escapeXml(password)}</o:Password></o:UsernameToken>`
  );
}

function timestamp(nowMs: number): string {
  const created = new Date(nowMs).toISOString();
  const expires = new Date(nowMs + 10 * 60_000).toISOString();
  return `<u:Timestamp u:Id="Timestamp"><u:Created>${created}</u:Created><u:Expires>${expires}</u:Expires></u:Timestamp>`;
}
