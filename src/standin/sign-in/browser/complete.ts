/** The end of a conversation: the login host's cookies, and the result on its way to whoever asked. */
import type { StandinUser } from '../../directory.js';
import type { StandinRequest } from '../../request.js';
import { type AadstsCode, aadstsText } from '../aadsts.js';
import { replyPage, replyRedirect, withCookies } from '../answers.js';
import { SHAREPOINT_PRINCIPAL } from '../challenges.js';
import type { Desk } from '../desk.js';
import { issueCode } from '../oauth/codes.js';
import { confirmDevice } from '../oauth/confirm-device.js';
import { idToken } from '../oauth/tokens.js';
import { type AuthorizeRequest, redirectWith } from './authorize-request.js';
import { autoPostPage } from './auto-post.js';
import type { Conversation } from './conversation.js';
import { loginSessionCookies } from './login-session.js';
import { adminApprovalPage } from './pages.js';

/** The conversation's user is proved, and nothing more is needed of a person. */
export function complete(desk: Desk, request: StandinRequest, conversation: Conversation): Promise<void> {
  const user = conversation.user!;
  const persistent = conversation.persistent ?? desk.rememberedAnswers.get(user.id) ?? false;
  const cookies = loginSessionCookies(desk, request, user, { persistent, mfaDone: conversation.mfaDone });
  desk.log.add(conversation.interactive ? 'interactive-sign-in' : 'silent-renewal', user.upn);
  const { purpose } = conversation;
  if (purpose.kind === 'device') return confirmDevice(desk, request, conversation, cookies);
  desk.conversations.end(conversation);
  if (needsAdmin(desk, purpose.wanted.clientId)) return sendToAdmin(request, purpose.wanted, cookies);
  const fields = resultFields(desk, user, {
    wanted: purpose.wanted,
    persistent,
    mfaDone: conversation.mfaDone,
  });
  return deliver(desk, request, { wanted: purpose.wanted, fields, cookies });
}

/** The switch `adminApproval`; SharePoint itself is always approved. */
export function needsAdmin(desk: Desk, clientId: string): boolean {
  return desk.switches.adminApproval && clientId !== SHAREPOINT_PRINCIPAL;
}

/** An error that goes back to the application instead of onto a page. */
export function deliverError(
  desk: Desk,
  request: StandinRequest,
  wanted: AuthorizeRequest,
  failure: { readonly error: string; readonly code: AadstsCode },
): Promise<void> {
  const fields: Record<string, string> = {
    error: failure.error,
    error_description: aadstsText(failure.code),
    error_uri: `${desk.hosts.originOf('login', request)}/error?code=${failure.code}`,
  };
  if (wanted.state !== null) fields.state = wanted.state;
  return deliver(desk, request, { wanted, fields, cookies: [] });
}

function resultFields(
  desk: Desk,
  user: StandinUser,
  result: { readonly wanted: AuthorizeRequest; readonly persistent: boolean; readonly mfaDone: boolean },
): Record<string, string> {
  const { wanted, persistent } = result;
  const fields: Record<string, string> = {};
  if (wanted.responseTypes.has('code')) fields.code = issueCode(desk, user, wanted, result.mfaDone);
  if (wanted.responseTypes.has('id_token')) {
    const { clientId: audience, nonce, redirectUri } = wanted;
    fields.id_token = idToken(desk, user, { audience, nonce, redirectUri, persistent });
  }
  if (wanted.state !== null) fields.state = wanted.state;
  fields.session_state = desk.random.guid();
  return fields;
}

function deliver(
  desk: Desk,
  request: StandinRequest,
  result: {
    readonly wanted: AuthorizeRequest;
    readonly fields: Readonly<Record<string, string>>;
    readonly cookies: readonly string[];
  },
): Promise<void> {
  const { wanted, fields, cookies } = result;
  if (wanted.responseMode !== 'form_post')
    return replyRedirect(request, redirectWith(wanted, fields), cookies);
  const posted = { ...fields, correlation_id: desk.random.guid() };
  return replyPage(request, autoPostPage(wanted.redirectUri, posted, desk.random), withCookies(cookies));
}

function sendToAdmin(
  request: StandinRequest,
  wanted: AuthorizeRequest,
  cookies: readonly string[],
): Promise<void> {
  const fields: Record<string, string> = { error: 'access_denied', error_description: aadstsText(65004) };
  if (wanted.state !== null) fields.state = wanted.state;
  const back = wanted.responseMode === 'form_post' ? null : redirectWith(wanted, fields);
  return replyPage(request, adminApprovalPage(wanted.clientId, back), withCookies(cookies));
}
