/** The SOAP answers of extSTS and rst2: a token response, or a fault (protocol notes 1b). */
import { escapeMarkup } from '../escape.js';

const SECURITY = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
const UTILITY = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd';
const NAMESPACES =
  'xmlns:S="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://www.w3.org/2005/08/addressing" ' +
  `xmlns:wsse="${SECURITY}" xmlns:wsu="${UTILITY}" xmlns:wst="http://schemas.xmlsoap.org/ws/2005/02/trust"`;

export interface TokenResponse {
  readonly token: string;
  readonly appliesTo: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

export function tokenResponse(response: TokenResponse): string {
  return envelope(
    '<wst:RequestSecurityTokenResponse><wst:TokenType>urn:passport:compact</wst:TokenType>' +
      '<wsp:AppliesTo xmlns:wsp="http://schemas.xmlsoap.org/ws/2004/09/policy"><wsa:EndpointReference>' +
      `<wsa:Address>${escapeMarkup(response.appliesTo)}</wsa:Address></wsa:EndpointReference></wsp:AppliesTo>` +
      `<wst:Lifetime><wsu:Created>${instant(response.createdAtMs)}</wsu:Created>` +
      `<wsu:Expires>${instant(response.expiresAtMs)}</wsu:Expires></wst:Lifetime>` +
      `<wst:RequestedSecurityToken><wsse:BinarySecurityToken Id="Compact0">${escapeMarkup(response.token)}` +
      '</wsse:BinarySecurityToken></wst:RequestedSecurityToken></wst:RequestSecurityTokenResponse>',
  );
}

/** `text` null: the fault without any AADSTS line that a tenant without legacy sign-in gives. */
export function fault(subcode: string, reason: string, text: string | null): string {
  const inner =
    text === null
      ? ''
      : `<psf:internalerror><psf:code>0x80041012</psf:code><psf:text>${escapeMarkup(text)}</psf:text></psf:internalerror>`;
  return envelope(
    `<S:Fault><S:Code><S:Value>S:Sender</S:Value><S:Subcode><S:Value>${subcode}</S:Value></S:Subcode></S:Code>` +
      `<S:Reason><S:Text xml:lang="en-US">${escapeMarkup(reason)}</S:Text></S:Reason><S:Detail>` +
      '<psf:error xmlns:psf="http://schemas.microsoft.com/Passport/SoapServices/SOAPFault">' +
      `<psf:value>0x80048821</psf:value>${inner}</psf:error></S:Detail></S:Fault>`,
  );
}

function envelope(body: string): string {
  return `<?xml version="1.0" encoding="utf-8"?><S:Envelope ${NAMESPACES}><S:Body>${body}</S:Body></S:Envelope>`;
}

/** RFC 3339 to the second. */
function instant(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z');
}
