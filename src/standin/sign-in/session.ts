/** Whose session a request carries: a bearer, else a cookie, else NTLM's connection. Headers only, nothing is sent. */
import type { StandinRequest } from '../request.js';
import { hostKey } from './addresses.js';
import { authorization, isRest, looksLikeBrowser } from './client-look.js';
import type { Session, SessionOrRefusal } from './contract.js';
import type { Desk } from './desk.js';
import { ntlmSession } from './ntlm/handshake.js';
import { siteCookieTicket } from './site-cookies.js';

export function sessionOf(desk: Desk, request: StandinRequest): SessionOrRefusal {
  const found = provenSession(desk, request);
  if ('invalid' in found || found.proof === 'ntlm') return found;
  return isBlockedByPolicy(desk, request) ? { invalid: 'policy' } : found;
}

/** The session without the tenant's policy: sign-in itself goes on under a policy block. */
export function provenSession(desk: Desk, request: StandinRequest): SessionOrRefusal {
  if (desk.switches.ntlm) return ntlmSession(desk, request);
  const bearer = authorization(request, 'Bearer');
  return bearer === null ? cookieSession(desk, request) : bearerSession(desk, request, bearer);
}

function cookieSession(desk: Desk, request: StandinRequest): SessionOrRefusal {
  const ticket = siteCookieTicket(desk, request, ['FedAuth', 'SPOIDCRL']);
  return typeof ticket === 'string' ? { invalid: ticket } : { user: ticket.user, proof: 'cookie' };
}

function bearerSession(desk: Desk, request: StandinRequest, token: string): SessionOrRefusal {
  if (!desk.switches.bearerOnDav && !isRest(request)) return { invalid: 'bad-bearer' };
  return checkBearer(desk, request, token);
}

/** The session of an access token for the host that was asked. */
export function checkBearer(desk: Desk, request: StandinRequest, token: string): SessionOrRefusal {
  const ticket = desk.accessTokens.check(token);
  if (typeof ticket === 'string') return { invalid: 'bad-bearer' };
  const { audience, claimsMet } = ticket.detail;
  if (audience !== null && audience !== hostKey(desk.hosts, request.role, request)) {
    return { invalid: 'wrong-audience' };
  }
  if (desk.switches.insufficientClaims && !claimsMet) return { invalid: 'insufficient-claims' };
  const session: Session = { user: ticket.user, proof: 'bearer' };
  return session;
}

/**
 * "Limited, web-only access" lets a browser see pages and refuses everything else, with the best of cookies
 * (protocol notes 2.9).
 */
function isBlockedByPolicy(desk: Desk, request: StandinRequest): boolean {
  return desk.switches.policyBlock && (isRest(request) || !looksLikeBrowser(request));
}
