/**
 * `extSTS.srf` and `rst2.srf`: a password or an assertion of ADFS against a compact token (protocol notes 1b, 1c).
 * Without the switch `legacyAuth` both say "Authentication Failure" and nothing else, as since 2026-05-01 (1i).
 */
import type { StandinUser } from '../../directory.js';
import type { StandinRequest } from '../../request.js';
import { aadstsText } from '../aadsts.js';
import { replySoap } from '../answers.js';
import type { Desk } from '../desk.js';
import { fateCode, fateOf } from '../passwords.js';
import { takeAssertion } from './assertion.js';
import { readSecurityTokenRequest, type SecurityTokenRequest } from './security-token-request.js';
import { fault, tokenResponse } from './soap.js';

const TOKEN_LIFETIME_MS = 86_400_000;
const FAILED = 'wst:FailedAuthentication';
const NO_DIRECT_LOGIN = 'Direct login to WLID is not allowed for this federated namespace';

type Outcome = { readonly user: StandinUser } | { readonly text: string };

export async function issueCompactToken(desk: Desk, request: StandinRequest): Promise<void> {
  if (request.method !== 'POST') return request.reply({ status: 405, headers: { Allow: 'POST' } });
  const asked = readSecurityTokenRequest(await request.text());
  if (asked === null || asked.appliesTo === '') {
    return replyFault(desk, request, fault('wst:InvalidRequest', 'Invalid Request', null));
  }
  if (!desk.switches.legacyAuth) {
    desk.log.add('legacy-refused', asked.userName || null);
    return replyFault(desk, request, fault(FAILED, 'Authentication Failure', null));
  }
  const outcome = prove(desk, asked);
  if ('text' in outcome) {
    return replyFault(desk, request, fault(FAILED, 'Authentication Failure', outcome.text));
  }
  desk.log.add('legacy-token', outcome.user.upn);
  return replySoap(request, 200, response(desk, outcome.user, asked.appliesTo));
}

function prove(desk: Desk, asked: SecurityTokenRequest): Outcome {
  if (/<saml:Assertion[\s>]/.test(asked.text)) {
    const user = takeAssertion(desk, asked.text);
    return user === undefined ? { text: 'AADSTS50008: SAML token is invalid.' } : judged(user);
  }
  if (desk.directory.find(asked.userName)?.realm === 'federated') return { text: NO_DIRECT_LOGIN };
  const verdict = desk.passwords.check(asked.userName, asked.password);
  return 'code' in verdict ? { text: aadstsText(verdict.code) } : judged(verdict.user);
}

function judged(user: StandinUser): Outcome {
  const code = fateCode(fateOf(user));
  return code === null ? { user } : { text: aadstsText(code) };
}

function response(desk: Desk, user: StandinUser, appliesTo: string): string {
  const createdAtMs = desk.clock.now();
  const token = `t=EwD${desk.random.bytes(600).toString('base64')}&p=`;
  desk.compactTokens.issue(token, user, TOKEN_LIFETIME_MS, null);
  return tokenResponse({ token, appliesTo, createdAtMs, expiresAtMs: createdAtMs + TOKEN_LIFETIME_MS });
}

/** 200 as far as known clients show; the switch `legacyFaultStatus` makes it 400 or 500. */
function replyFault(desk: Desk, request: StandinRequest, xml: string): Promise<void> {
  return replySoap(request, desk.switches.legacyFaultStatus, xml);
}
