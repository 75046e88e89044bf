/** `/_vti_bin/idcrl.svc/`: a compact token in the Authorization header against SPOIDCRL (protocol notes 1e). */
import type { StandinRequest } from '../../request.js';
import { replyText, withCookies } from '../answers.js';
import { ACCESS_DENIED_BROWSE_FIRST, idcrlChallenge } from '../challenges.js';
import { authorization } from '../client-look.js';
import type { Desk } from '../desk.js';
import { spoidcrlCookie } from '../site-cookies.js';

export function exchangeIdcrl(desk: Desk, request: StandinRequest): Promise<void> {
  const token = authorization(request, 'BPOSIDCRL');
  const ticket = token === null || !desk.switches.legacyAuth ? undefined : desk.compactTokens.valid(token);
  if (ticket === undefined) return refuseIdcrl(desk, request);
  desk.log.add('idcrl-exchange', ticket.user.upn);
  return replyText(request, 200, '', withCookies([spoidcrlCookie(desk, request, ticket.user)]));
}

/** A tenant without legacy sign-in adds the code of access denied (protocol notes 1e, 1i). */
function refuseIdcrl(desk: Desk, request: StandinRequest): Promise<void> {
  desk.log.add('legacy-refused', null, 'idcrl');
  return replyText(request, 401, '401 UNAUTHORIZED', {
    'Content-Type': 'text/plain; charset=utf-8',
    'WWW-Authenticate': idcrlChallenge(desk, request, ''),
    ...(!desk.switches.legacyAuth && { 'X-MSDAVEXT_Error': ACCESS_DENIED_BROWSE_FIRST }),
    SPRequestGuid: request.id,
  });
}
