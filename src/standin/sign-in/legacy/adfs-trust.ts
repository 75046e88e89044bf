/**
 * The active side of ADFS: `/adfs/services/trust/2005/usernamemixed` and `/13/usernamemixed` against an assertion
 * (protocol notes 1c). Each endpoint insists on the action and the key type of its own version.
 */
import type { StandinRequest } from '../../request.js';
import { replyPage, replySoap } from '../answers.js';
import { pageShell } from '../browser/page-shell.js';
import type { Desk } from '../desk.js';
import { escapeMarkup } from '../escape.js';
import { assertionResponse, issueAssertion } from './assertion.js';
import { readSecurityTokenRequest, type SecurityTokenRequest } from './security-token-request.js';

export type TrustVersion = '2005' | '13';

const ACTIONS: Readonly<Record<TrustVersion, string>> = {
  '2005': 'http://schemas.xmlsoap.org/ws/2005/02/trust/RST/Issue',
  '13': 'http://docs.oasis-open.org/ws-sx/ws-trust/200512/RST/Issue',
};
const KEY_TYPES: Readonly<Record<TrustVersion, string>> = {
  '2005': 'http://schemas.xmlsoap.org/ws/2005/05/identity/NoProofKey',
  '13': 'http://docs.oasis-open.org/ws-sx/ws-trust/200512/Bearer',
};

export async function adfsTrust(desk: Desk, request: StandinRequest, version: TrustVersion): Promise<void> {
  if (request.method !== 'POST') return request.reply({ status: 405, headers: { Allow: 'POST' } });
  const asked = readSecurityTokenRequest(await request.text());
  if (desk.switches.adfsAnswer === 'html') return replyPage(request, trouble());
  const wrong = asked === null ? 'a:InvalidRequest' : mismatch(asked, version);
  if (asked === null || wrong !== null)
    return replySoap(request, 500, fault(wrong!, 'ID3082: The request is not valid.'));
  const verdict = desk.passwords.check(asked.userName, asked.password);
  if ('code' in verdict) {
    const text = 'ID3242: The security token could not be authenticated or authorized.';
    return replySoap(request, 500, fault('a:FailedAuthentication', text));
  }
  const assertion = issueAssertion(desk, verdict.user);
  return replySoap(request, 200, envelope(wrapped(desk, asked, assertion, version)));
}

function mismatch(asked: SecurityTokenRequest, version: TrustVersion): string | null {
  if (asked.action !== ACTIONS[version]) return 'a:ActionNotSupported';
  if (asked.keyType !== KEY_TYPES[version]) return 'a:BadRequest';
  return isRelyingParty(asked.appliesTo) ? null : 'a:InvalidScope';
}

/** The cloud, or a SharePoint of one's own. */
function isRelyingParty(name: string): boolean {
  return /^urn:federation:MicrosoftOnline$|^urn:sharepoint:|^https?:\/\/.*\/_trust\/?$/i.test(name);
}

function wrapped(desk: Desk, asked: SecurityTokenRequest, assertion: string, version: TrustVersion): string {
  if (version === '2005') return assertionResponse(desk, assertion, asked.appliesTo);
  const trust = 'http://docs.oasis-open.org/ws-sx/ws-trust/200512';
  return (
    `<trust:RequestSecurityTokenResponseCollection xmlns:trust="${trust}"><trust:RequestSecurityTokenResponse>` +
    `<trust:RequestedSecurityToken>${assertion}</trust:RequestedSecurityToken>` +
    `<trust:KeyType>${KEY_TYPES['13']}</trust:KeyType>` +
    '</trust:RequestSecurityTokenResponse></trust:RequestSecurityTokenResponseCollection>'
  );
}

function fault(subcode: string, text: string): string {
  return envelope(
    '<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode>' +
      `<s:Value xmlns:a="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">${subcode}</s:Value>` +
      `</s:Subcode></s:Code><s:Reason><s:Text xml:lang="en-US">${escapeMarkup(text)}</s:Text></s:Reason></s:Fault>`,
  );
}

function envelope(body: string): string {
  return `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>${body}</s:Body></s:Envelope>`;
}

/** The HTML that an XML parser stumbles over (protocol notes 1c). */
function trouble(): string {
  return pageShell('Error', '<p>An error occurred<br>Contact your administrator for more information.<hr>');
}
