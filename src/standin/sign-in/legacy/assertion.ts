/**
 * The SAML assertion of ADFS (protocol notes 1c). It counts as signed: whoever takes it looks for the very bytes that
 * were issued, so a client that parses and writes it anew fails. Its odd spacing and quoting make sure of that.
 */
import type { StandinUser } from '../../directory.js';
import type { Desk } from '../desk.js';
import { escapeMarkup } from '../escape.js';

const ASSERTION_LIFETIME_MS = 3_600_000;
const END_TAG = '</saml:Assertion>';
const SAML = 'urn:oasis:names:tc:SAML:1.0:assertion';

export function issueAssertion(desk: Desk, user: StandinUser): string {
  const issuedAtMs = desk.clock.now();
  const from = new Date(issuedAtMs).toISOString();
  const until = new Date(issuedAtMs + ASSERTION_LIFETIME_MS).toISOString();
  const id = `_${desk.random.guid()}`;
  const assertion =
    `<saml:Assertion MajorVersion="1" MinorVersion='1' AssertionID="${id}"  Issuer="http://${desk.hosts.tenant}/adfs/services/trust/" IssueInstant="${from}" xmlns:saml="${SAML}">` +
    `<saml:Conditions NotBefore="${from}" NotOnOrAfter="${until}" ><saml:AudienceRestrictionCondition><saml:Audience>urn:federation:MicrosoftOnline</saml:Audience></saml:AudienceRestrictionCondition></saml:Conditions>` +
    `<saml:AttributeStatement><saml:Subject><saml:NameIdentifier Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">${desk.random.bytes(16).toString('base64')}</saml:NameIdentifier></saml:Subject>` +
    `<saml:Attribute AttributeName="UPN" AttributeNamespace="http://schemas.xmlsoap.org/claims"><saml:AttributeValue>${escapeMarkup(user.upn)}</saml:AttributeValue></saml:Attribute>` +
    `<saml:Attribute AttributeName="Name" AttributeNamespace="http://schemas.xmlsoap.org/claims"><saml:AttributeValue>&#x41;&amp;B &gt;\u00e9&#xA;  </saml:AttributeValue></saml:Attribute></saml:AttributeStatement>` +
    `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:Reference URI="#${id}"></ds:Reference></ds:SignedInfo><ds:SignatureValue>${desk.random.bytes(256).toString('base64')}</ds:SignatureValue></ds:Signature>` +
    '</saml:Assertion>';
  desk.log.add('adfs-assertion', user.upn);
  return desk.assertions.issue(assertion, user, ASSERTION_LIFETIME_MS, null);
}

/** The user whose unchanged assertion stands somewhere in `text`. */
export function takeAssertion(desk: Desk, text: string): StandinUser | undefined {
  const from = text.indexOf('<saml:Assertion');
  const to = text.lastIndexOf(END_TAG);
  if (from < 0 || to < from) return undefined;
  return desk.assertions.valid(text.slice(from, to + END_TAG.length))?.user;
}

/** The assertion in an RSTR of WS-Trust 2005, as the passive flow posts it too. */
export function assertionResponse(desk: Desk, assertion: string, appliesTo: string): string {
  const created = new Date(desk.clock.now()).toISOString();
  const expires = new Date(desk.clock.now() + ASSERTION_LIFETIME_MS).toISOString();
  return (
    '<t:RequestSecurityTokenResponse xmlns:t="http://schemas.xmlsoap.org/ws/2005/02/trust"><t:Lifetime>' +
    `<wsu:Created xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">${created}</wsu:Created>` +
    `<wsu:Expires xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">${expires}</wsu:Expires></t:Lifetime>` +
    '<wsp:AppliesTo xmlns:wsp="http://schemas.xmlsoap.org/ws/2004/09/policy"><wsa:EndpointReference xmlns:wsa="http://www.w3.org/2005/08/addressing">' +
    `<wsa:Address>${escapeMarkup(appliesTo)}</wsa:Address></wsa:EndpointReference></wsp:AppliesTo>` +
    `<t:RequestedSecurityToken>${assertion}</t:RequestedSecurityToken>` +
    `<t:TokenType>${SAML}</t:TokenType><t:RequestType>http://schemas.xmlsoap.org/ws/2005/02/trust/Issue</t:RequestType>` +
    '<t:KeyType>http://schemas.xmlsoap.org/ws/2005/05/identity/NoProofKey</t:KeyType></t:RequestSecurityTokenResponse>'
  );
}
