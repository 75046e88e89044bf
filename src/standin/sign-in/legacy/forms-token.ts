/**
 * `POST /_forms/default.aspx?wa=wsignin1.0`: a compact token, raw in the body, against FedAuth and rtFa; and
 * `/_trust/`, where a SharePoint of one's own takes the assertion of ADFS itself (protocol notes 1c, 1d).
 */
import type { StandinUser } from '../../directory.js';
import type { StandinRequest } from '../../request.js';
import { pathPrefix } from '../addresses.js';
import { readForm, replyRedirect } from '../answers.js';
import type { Desk } from '../desk.js';
import { fedAuthCookie, signInCookies } from '../site-cookies.js';
import { takeAssertion } from './assertion.js';

/** 302 with a good token and with a bad one; only the cookies tell them apart. */
export async function takeCompactToken(desk: Desk, request: StandinRequest): Promise<void> {
  const user = userOf(desk, (await request.text()).trim());
  const cookies = user === undefined ? [] : signInCookies(desk, request, user, false);
  return replyRedirect(request, `${pathPrefix(desk.hosts, request)}/`, cookies);
}

function userOf(desk: Desk, token: string): StandinUser | undefined {
  return desk.switches.legacyAuth ? desk.compactTokens.valid(token)?.user : undefined;
}

export async function takeAssertionHere(desk: Desk, request: StandinRequest): Promise<void> {
  const form = await readForm(request);
  const user = form.get('wa') === 'wsignin1.0' ? takeAssertion(desk, form.get('wresult') ?? '') : undefined;
  const home = `${pathPrefix(desk.hosts, request)}/`;
  if (user === undefined) return replyRedirect(request, `${home}_layouts/15/AccessDenied.aspx`);
  desk.log.add('forms-cookies', user.upn);
  const back = form.get('wctx') ?? '';
  const isOwn = back.startsWith(`${desk.hosts.originOf(request.role, request)}/`);
  return replyRedirect(request, isOwn ? back : home, [fedAuthCookie(desk, request, user, false)]);
}
