/** The hops of a browser sign-in that SharePoint itself answers: 2, 3, 5 and 6 of protocol notes 1g. */
import type { StandinRequest } from '../../request.js';
import { hostKey, ownOrigin, pathPrefix } from '../addresses.js';
import { readForm, replyPage, replyRedirect } from '../answers.js';
import { SHAREPOINT_PRINCIPAL } from '../challenges.js';
import { setCookie } from '../cookies.js';
import type { Desk, IdTokenDetail, SiteCookieDetail } from '../desk.js';
import { percentEncodeAll, percentEncodeLower } from '../escape.js';
import { provenSession } from '../session.js';
import { fedAuthCookie, signInCookies, siteCookieTicket } from '../site-cookies.js';
import type { Ticket } from '../ticket-store.js';
import { attemptCookiesCleared, beginAttempt, takeAttempt } from './hop-attempt.js';
import { messagePage } from './pages.js';

/** Hops 2 and 6: `…/_layouts/15/Authenticate.aspx?Source=…`. */
export function authenticatePage(desk: Desk, request: StandinRequest): Promise<void> {
  if (isSignedIn(desk, request)) {
    return replyRedirect(request, localPath(desk, request, request.query.get('Source')));
  }
  const prefix = pathPrefix(desk.hosts, request);
  const here = `${prefix}${request.path}${request.rawQuery === '' ? '' : `?${request.rawQuery}`}`;
  const path = `${prefix}/`;
  return replyRedirect(
    request,
    `${prefix}/_forms/default.aspx?ReturnUrl=${percentEncodeLower(here)}&Source=cookie`,
    [setCookie('FeatureOverrides_experiments', '[]', { path, expiresAtMs: desk.clock.now() + 86_400_000 })],
  );
}

/** Hop 3: to the login host, or straight back when rtFa of a sibling host vouches for the user. */
export function formsPage(desk: Desk, request: StandinRequest): Promise<void> {
  const returnUrl = localPath(desk, request, request.query.get('ReturnUrl'));
  if (isSignedIn(desk, request)) return replyRedirect(request, returnUrl);
  const sibling = siblingTicket(desk, request);
  if (sibling === undefined) return toLoginHost(desk, request, returnUrl);
  desk.log.add('sibling-sign-in', sibling.user.upn);
  const { persistent } = sibling.detail;
  return replyRedirect(request, returnUrl, [fedAuthCookie(desk, request, sibling.user, persistent)]);
}

/** Hop 5: the login host's result, only together with the cookies that hop 3 gave. */
export async function formsReturn(desk: Desk, request: StandinRequest): Promise<void> {
  const form = await readForm(request);
  const ticket = desk.idTokens.valid(form.get('id_token') ?? '');
  const attempt =
    ticket && isOurs(desk, request, ticket) ? takeAttempt(desk, request, ticket.detail.nonce) : undefined;
  const state = form.get('state');
  const isEchoed = state === null || state === attempt?.state;
  const code = desk.codes.valid(form.get('code') ?? '');
  if (ticket === undefined || attempt === undefined || !isEchoed || code?.user !== ticket.user) {
    return toLoginHost(desk, request, `${pathPrefix(desk.hosts, request)}/`);
  }
  desk.codes.forget(form.get('code')!);
  return replyRedirect(request, attempt.returnUrl, [
    ...signInCookies(desk, request, ticket.user, ticket.detail.persistent),
    ...attemptCookiesCleared(desk, request),
  ]);
}

/** Where forms-based clients see that they are signed in (MS-OFBA: the success page). */
export function successPage(desk: Desk, request: StandinRequest): Promise<void> {
  if (isSignedIn(desk, request)) return replyPage(request, messagePage('Signed in', 'You are signed in.'));
  return authenticatePage(desk, request);
}

function toLoginHost(desk: Desk, request: StandinRequest, returnUrl: string): Promise<void> {
  const { attempt, setCookies } = beginAttempt(desk, request, returnUrl);
  const parameters = {
    client_id: SHAREPOINT_PRINCIPAL,
    response_mode: 'form_post',
    response_type: 'code id_token',
    resource: SHAREPOINT_PRINCIPAL,
    scope: 'openid',
    nonce: attempt.nonce,
    redirect_uri: `${ownOrigin(desk.hosts, request)}/_forms/default.aspx`,
    state: attempt.state,
    claims: JSON.stringify({ id_token: { xms_cc: { values: ['CP1'] } } }),
    wsucxt: '1',
    cobrandid: '11bd8083-87e0-41b5-bb78-0bc43c8a8e8a',
  };
  const query = Object.entries(parameters).map(
    ([name, value]) => `${percentEncodeAll(name)}=${percentEncodeAll(value)}`,
  );
  const authorize = `${desk.hosts.originOf('login', request)}/${desk.tenantId}/oauth2/authorize`;
  const requestId = `client-request-id=${desk.random.guid()}`;
  return replyRedirect(request, `${authorize}?${query.join('&')}&${requestId}`, setCookies);
}

/** Sign-in itself goes on where a policy blocks everything else. */
function isSignedIn(desk: Desk, request: StandinRequest): boolean {
  return 'user' in provenSession(desk, request);
}

function siblingTicket(desk: Desk, request: StandinRequest): Ticket<SiteCookieDetail> | undefined {
  if (desk.switches.rtFaRevoked) return undefined;
  const ticket = siteCookieTicket(desk, request, ['rtFa']);
  return typeof ticket === 'string' ? undefined : ticket;
}

function isOurs(desk: Desk, request: StandinRequest, ticket: Ticket<IdTokenDetail>): boolean {
  return ticket.detail.host === hostKey(desk.hosts, request.role, request);
}

/** Only ever back to this host: anything else becomes its root. */
function localPath(desk: Desk, request: StandinRequest, wanted: string | null): string {
  const origin = ownOrigin(desk.hosts, request);
  const root = `${pathPrefix(desk.hosts, request)}/`;
  if (wanted === null || wanted === '') return root;
  if (wanted.startsWith(`${origin}/`)) return new URL(wanted).pathname + new URL(wanted).search;
  return wanted.startsWith('/') && !wanted.startsWith('//') ? wanted : root;
}
