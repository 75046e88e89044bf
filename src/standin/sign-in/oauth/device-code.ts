/** `POST /{tenant}/oauth2/v2.0/devicecode`, and the polls for its token (RFC 8628, protocol notes 1h). */
import type { StandinRequest } from '../../request.js';
import { readForm, replyJson } from '../answers.js';
import type { Desk } from '../desk.js';
import { VERIFICATION_PATH } from './device-pages.js';
import { replyOAuthError } from './errors.js';
import { readScope } from './scope.js';
import { tokenAnswer } from './tokens.js';

export async function startDeviceCode(desk: Desk, request: StandinRequest): Promise<void> {
  const form = await readForm(request);
  const clientId = (form.get('client_id') ?? '').toLowerCase();
  if (clientId === '') return replyOAuthError(desk, request, 'invalid_request', 900144);
  const resource = readScope(desk, form.get('scope') ?? '');
  if (typeof resource === 'number') return replyOAuthError(desk, request, 'invalid_scope', resource);
  const grant = desk.deviceGrants.start(clientId, resource.scope);
  desk.log.add('device-started');
  const address = desk.hosts.originOf('login', request) + VERIFICATION_PATH;
  return replyJson(request, 200, {
    user_code: grant.userCode,
    device_code: grant.deviceCode,
    verification_uri: address,
    expires_in: desk.switches.deviceCodeSeconds,
    interval: desk.switches.deviceIntervalSeconds,
    message: `To sign in, use a web browser to open the page ${address} and enter the code ${grant.userCode} to authenticate.`,
  });
}

/** A poll of the token endpoint. */
export function pollDeviceCode(desk: Desk, request: StandinRequest, form: URLSearchParams): Promise<void> {
  desk.log.add('device-polled');
  const grant = desk.deviceGrants.find(form.get('device_code') ?? '');
  if (grant === undefined || grant.clientId !== (form.get('client_id') ?? '').toLowerCase()) {
    return replyOAuthError(desk, request, 'bad_verification_code', 70020);
  }
  if (grant.state.is === 'declined') return replyOAuthError(desk, request, 'authorization_declined', 70000);
  if (desk.deviceGrants.isOver(grant)) return replyOAuthError(desk, request, 'expired_token', 70019);
  if (!desk.deviceGrants.poll(grant)) return replyOAuthError(desk, request, 'slow_down', 70016);
  if (grant.state.is === 'waiting') return replyOAuthError(desk, request, 'authorization_pending', 70016);
  const { user, mfaDone } = grant.state;
  const resource = readScope(desk, grant.scope);
  if (typeof resource === 'number') return replyOAuthError(desk, request, 'invalid_scope', resource);
  desk.deviceGrants.forget(grant);
  desk.log.add('code-redeemed', user.upn, 'device');
  const granted = { user, clientId: grant.clientId, resource, claimsMet: false, mfaDone };
  return replyJson(request, 200, tokenAnswer(desk, granted));
}
