/** `POST /{tenant}/oauth2/v2.0/token`: codes, refresh tokens and device codes against tokens (protocol notes 1h). */
import type { StandinUser } from '../../directory.js';
import type { StandinRequest } from '../../request.js';
import type { AadstsCode } from '../aadsts.js';
import { readForm, replyJson } from '../answers.js';
import { needsAdmin } from '../browser/complete.js';
import type { CodeDetail, Desk, RefreshDetail } from '../desk.js';
import { fateCode, fateOf } from '../passwords.js';
import type { TicketFault } from '../ticket-store.js';
import { verifierFits } from './codes.js';
import { pollDeviceCode } from './device-code.js';
import { replyOAuthError } from './errors.js';
import { readScope } from './scope.js';
import { type Grant, tokenAnswer } from './tokens.js';

/** Why no token: the word of OAuth, the code of Entra. */
interface Refused {
  readonly error: string;
  readonly code: AadstsCode;
  readonly suberror?: string;
}

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

export async function token(desk: Desk, request: StandinRequest): Promise<void> {
  const form = await readForm(request);
  if ((form.get('client_id') ?? '') === '') return replyOAuthError(desk, request, 'invalid_request', 900144);
  switch (form.get('grant_type')) {
    case 'authorization_code':
      return answer(desk, request, redeemCode(desk, form));
    case 'refresh_token':
      return answer(desk, request, redeemRefresh(desk, form));
    case DEVICE_GRANT:
    case 'device_code':
      return pollDeviceCode(desk, request, form);
    default:
      return replyOAuthError(desk, request, 'unsupported_grant_type', 70003);
  }
}

function answer(desk: Desk, request: StandinRequest, outcome: Grant | Refused): Promise<void> {
  const refused = 'error' in outcome ? outcome : obstacleOf(desk, outcome);
  if (refused === null) return replyJson(request, 200, tokenAnswer(desk, outcome as Grant));
  desk.log.add('token-refused', null, `AADSTS${refused.code}`);
  const extra = refused.suberror === undefined ? {} : { suberror: refused.suberror };
  return replyOAuthError(desk, request, refused.error, refused.code, extra);
}

function redeemCode(desk: Desk, form: URLSearchParams): Grant | Refused {
  const ticket = desk.codes.check(form.get('code') ?? '');
  if (typeof ticket === 'string') {
    return {
      error: 'invalid_grant',
      code: ticket === 'expired' ? 70008 : ticket === 'revoked' ? 50173 : 70000,
    };
  }
  const { detail, user } = ticket;
  const fault = codeFault(detail, form);
  if (fault !== null) return { error: 'invalid_grant', code: fault };
  detail.redeemed = true;
  desk.log.add('code-redeemed', user.upn, 'authorize');
  return grantFor(desk, user, form, detail);
}

/** A verifier that does not fit leaves the code as it was; a second redeeming never works. */
function codeFault(detail: CodeDetail, form: URLSearchParams): AadstsCode | null {
  if (detail.redeemed) return 54005;
  if (clientOf(form) !== detail.clientId || form.get('redirect_uri') !== detail.redirectUri) return 700005;
  const fits = verifierFits(
    form.get('code_verifier') ?? '',
    detail.codeChallenge,
    detail.codeChallengeMethod,
  );
  return fits ? null : 501481;
}

function redeemRefresh(desk: Desk, form: URLSearchParams): Grant | Refused {
  const ticket = desk.refreshTokens.check(form.get('refresh_token') ?? '');
  if (typeof ticket === 'string') return { error: 'invalid_grant', code: refreshFaultCode(ticket) };
  if (ticket.detail.clientId !== clientOf(form)) return { error: 'invalid_grant', code: 700005 };
  desk.log.add('token-refreshed', ticket.user.upn);
  return grantFor(desk, ticket.user, form, ticket.detail);
}

function refreshFaultCode(fault: TicketFault): AadstsCode {
  switch (fault) {
    case 'malformed':
      return 70000;
    case 'expired':
      return 700082;
    case 'revoked':
      return 50173;
  }
}

/** The scope of the request wins; a renewal without one cannot tell its resource. */
function grantFor(
  desk: Desk,
  user: StandinUser,
  form: URLSearchParams,
  detail: RefreshDetail & Partial<Pick<CodeDetail, 'claimsMet' | 'scope'>>,
): Grant | Refused {
  const resource = readScope(desk, form.get('scope') ?? detail.scope ?? '');
  if (typeof resource === 'number') {
    return { error: resource === 500011 ? 'invalid_resource' : 'invalid_scope', code: resource };
  }
  const claimsMet = detail.claimsMet === true || (form.get('claims') ?? '') !== '';
  return { user, clientId: detail.clientId, resource, claimsMet, mfaDone: detail.mfaDone };
}

/** What stands in the way of a grant that is good in itself: consent, and what became of the user meanwhile. */
function obstacleOf(desk: Desk, { user, clientId, mfaDone }: Grant): Refused | null {
  if (needsAdmin(desk, clientId)) {
    return { error: 'invalid_grant', code: 65001, suberror: 'consent_required' };
  }
  const fate = fateOf(user);
  const code = fateCode(fate);
  if (code === null || fate === 'locked' || (fate === 'mfa' && mfaDone)) return null;
  return { error: 'invalid_grant', code, suberror: fate === 'blocked' ? 'message_only' : 'basic_action' };
}

function clientOf(form: URLSearchParams): string {
  return (form.get('client_id') ?? '').toLowerCase();
}
