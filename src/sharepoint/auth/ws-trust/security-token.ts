/**
 * User name and password for the token that SharePoint takes (protocol notes 1b, 1c): straight from the cloud for
 * managed accounts, by way of the organisation's own service for federated ones. Each secret is sent once.
 */
import type { Clock } from '../../../base/index.js';
import type { LoginAnswer, LoginClient } from '../login-client.js';
import type { PasswordBreaker } from '../methods/password-breaker.js';
import { SignInError } from '../sign-in-error.js';
import {
  adfsRequest,
  assertionRequest,
  passwordRequest,
  type TrustVersion,
  type UserSecret,
} from './envelopes.js';
import { assertionIn, firstText, readXml } from './soap.js';
import { tokenFault } from './token-fault.js';
import { findUserRealm, type UserRealm } from './user-realm.js';

export interface TokenRequest {
  readonly client: LoginClient;
  readonly clock: Clock;
  readonly loginUrl: string;
  readonly siteOrigin: string;
  readonly secret: UserSecret;
  readonly passwords: PasswordBreaker;
  readonly signal: AbortSignal;
}

/** The token's text, `t=…&p=`, un-escaped. */
export async function requestSecurityToken(asked: TokenRequest): Promise<string> {
  const realm = await findUserRealm(asked.client, asked.loginUrl, asked.secret.username, asked.signal);
  if (realm.kind === 'managed') return managedToken(asked);
  return exchanged(asked, await federatedAssertion(asked, realm));
}

async function managedToken(asked: TokenRequest): Promise<string> {
  const url = `${asked.loginUrl}/extSTS.srf`;
  return guarded(asked, async () =>
    tokenOf(await post(asked, url, passwordRequest(url, asked.secret, asked.siteOrigin))),
  );
}

/** Counts the password as sent, and learns from the outcome. */
function guarded<Result>(asked: TokenRequest, send: () => Promise<Result>): Promise<Result> {
  const { secret, loginUrl } = asked;
  return asked.passwords.guard({ ...secret, host: new URL(loginUrl).hostname }, asked, send);
}

function federatedAssertion(
  asked: TokenRequest,
  realm: Extract<UserRealm, { kind: 'federated' }>,
): Promise<string> {
  return guarded(asked, () => assertionOf(asked, realm));
}

async function assertionOf(
  asked: TokenRequest,
  realm: Extract<UserRealm, { kind: 'federated' }>,
): Promise<string> {
  const url = realm.tokenServiceUrl;
  const first: TrustVersion = url.pathname.includes('/trust/13/') ? '13' : '2005';
  let answer = await askAdfs(asked, realm, first);
  // Only an endpoint that is not there: after any other answer the password counts as tried.
  if (answer.status === 404) answer = await askAdfs(asked, realm, first === '13' ? '2005' : '13');
  const assertion = assertionIn(answer.text);
  if (assertion) return assertion;
  throw adfsFault(answer);
}

function askAdfs(
  asked: TokenRequest,
  realm: Extract<UserRealm, { kind: 'federated' }>,
  version: TrustVersion,
): Promise<LoginAnswer> {
  const url = realm.tokenServiceUrl.href.replace(/\/trust\/(2005|13)\//, `/trust/${version}/`);
  const request = { relyingParty: realm.relyingParty, nowMs: asked.clock.now() };
  return post(asked, url, adfsRequest(url, version, asked.secret, request));
}

/** Exchange A by rst2.srf; exchange B by extSTS.srf where a login host has no rst2.srf. */
async function exchanged(asked: TokenRequest, assertion: string): Promise<string> {
  const first = `${asked.loginUrl}/rst2.srf`;
  const answer = await post(asked, first, assertionRequest(first, assertion, asked.siteOrigin));
  if (answer.status !== 404) return tokenOf(answer);
  const second = `${asked.loginUrl}/extSTS.srf`;
  return tokenOf(await post(asked, second, assertionRequest(second, assertion, asked.siteOrigin)));
}

function post(asked: TokenRequest, url: string, body: string): Promise<LoginAnswer> {
  return asked.client.send({
    method: 'POST',
    url: new URL(url),
    headers: { 'content-type': 'application/soap+xml; charset=utf-8' },
    body,
    faultsAllowed: true,
    once: true,
    signal: asked.signal,
  });
}

function tokenOf(answer: LoginAnswer): string {
  const token = firstText(readXml(answer.text), 'BinarySecurityToken');
  if (token?.startsWith('t=')) return token;
  throw tokenFault(answer);
}

/** A refusal by ADFS is a SOAP fault, or, often, a page (protocol notes 1c). */
function adfsFault(answer: LoginAnswer): SignInError {
  const tree = readXml(answer.text);
  const host = answer.url.host;
  if (tree !== null && /FailedAuthentication|InvalidSecurity|ID3242|MSIS\d+/.test(answer.text)) {
    return new SignInError(
      'wrong-password',
      `${host} refused the user name or password: run "odbfs login" and type it again (it will not be resent)`,
    );
  }
  if (answer.status >= 500 && tree === null) {
    return new SignInError('unreachable', `${host} has a fault of its own (${answer.status}): try later`);
  }
  return new SignInError(
    'federated-mismatch',
    `${host} does not take a password from a program (or refused it): use "odbfs login --method browser"`,
  );
}
