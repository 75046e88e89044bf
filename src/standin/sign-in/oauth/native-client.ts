/** `POST /_api/SP.OAuth.NativeClient/Authenticate`: a bearer for SharePoint against SPOIDCRL (protocol notes 1e2). */
import type { StandinRequest } from '../../request.js';
import { replyJson, withCookies } from '../answers.js';
import { authorization } from '../client-look.js';
import type { Desk } from '../desk.js';
import { refuseBearer } from '../refusal.js';
import { checkBearer } from '../session.js';
import { spoidcrlCookie } from '../site-cookies.js';

export function exchangeBearer(desk: Desk, request: StandinRequest): Promise<void> {
  if (request.method !== 'POST') return request.reply({ status: 405, headers: { Allow: 'POST' } });
  const found = checkBearer(desk, request, authorization(request, 'Bearer') ?? '');
  if ('invalid' in found) {
    desk.log.add('session-refused', null, found.invalid);
    return refuseBearer(desk, request, found.invalid);
  }
  desk.log.add('native-exchange', found.user.upn);
  const cookies = withCookies([spoidcrlCookie(desk, request, found.user)]);
  return replyJson(request, 200, { d: { Authenticate: null } }, cookies);
}
