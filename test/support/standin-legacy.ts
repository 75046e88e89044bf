/** Envelopes of WS-Trust as old clients send them, for the tests of the stand-in's legacy sign-in. */
const ENVELOPE =
  'xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing" ' +
  'xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"';

export interface Rst {
  /** What stands in `o:Security`. */
  readonly proof: string;
  readonly appliesTo: string;
  readonly version?: '2005' | '13';
}

export function rst({ proof, appliesTo, version = '2005' }: Rst): string {
  const is13 = version === '13';
  const trust = is13
    ? 'http://docs.oasis-open.org/ws-sx/ws-trust/200512'
    : 'http://schemas.xmlsoap.org/ws/2005/02/trust';
  const keyType = is13 ? `${trust}/Bearer` : 'http://schemas.xmlsoap.org/ws/2005/05/identity/NoProofKey';
  return (
    `<s:Envelope ${ENVELOPE}><s:Header><a:Action s:mustUnderstand="1">${trust}/RST/Issue</a:Action>` +
    `<o:Security s:mustUnderstand="1">${proof}</o:Security></s:Header>` +
    `<s:Body><t:RequestSecurityToken xmlns:t="${trust}">` +
    '<wsp:AppliesTo xmlns:wsp="http://schemas.xmlsoap.org/ws/2004/09/policy"><a:EndpointReference>' +
    `<a:Address>${appliesTo}</a:Address></a:EndpointReference></wsp:AppliesTo>` +
    `<t:KeyType>${keyType}</t:KeyType><t:RequestType>${trust}/Issue</t:RequestType>` +
    '</t:RequestSecurityToken></s:Body></s:Envelope>'
  );
}

export function userNameToken(upn: string, password: string): string {
  const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&#62;');
  return `<o:UsernameToken><o:Username>${escaped(upn)}</o:Username><o:Password>${escaped(password)}</o:Password></o:UsernameToken>`;
}

/** The compact token of an answer, unescaped; undefined where there is none. */
export function compactToken(answer: string): string | undefined {
  const found = /<wsse:BinarySecurityToken[^>]*>([^<]*)</.exec(answer)?.[1];
  return found?.replace(/&amp;/g, '&');
}

export function assertionIn(answer: string): string {
  return /<saml:Assertion[\s\S]*<\/saml:Assertion>/.exec(answer)?.[0] ?? '';
}
