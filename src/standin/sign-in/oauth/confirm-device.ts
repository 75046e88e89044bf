/** The last page of a device sign-in: whoever typed the code says whether they meant it. */
import type { StandinRequest } from '../../request.js';
import { readForm, replyPage, withCookies } from '../answers.js';
import type { Conversation } from '../browser/conversation.js';
import { replyOver } from '../browser/over.js';
import { adminApprovalPage, confirmDevicePage, messagePage } from '../browser/pages.js';
import type { Desk } from '../desk.js';
import type { DeviceGrant } from './device-grants.js';

export const CONFIRM_PATH = '/common/oauth2/deviceconfirm';

/** The conversation's user is signed in; the code is not granted before `postConfirmDevice`. */
export function confirmDevice(
  desk: Desk,
  request: StandinRequest,
  conversation: Conversation,
  cookies: readonly string[],
): Promise<void> {
  const grant = grantOf(desk, conversation);
  if (grant === undefined) return replyOver(request);
  if (desk.switches.adminApproval) {
    return replyPage(request, adminApprovalPage(grant.clientId, null), withCookies(cookies));
  }
  const page = {
    action: desk.hosts.originOf('login', request) + CONFIRM_PATH,
    context: conversation.context,
    userName: conversation.userName,
    error: null,
  };
  return replyPage(request, confirmDevicePage(page, grant.clientId), withCookies(cookies));
}

/** `POST /common/oauth2/deviceconfirm`. */
export async function postConfirmDevice(desk: Desk, request: StandinRequest): Promise<void> {
  const form = await readForm(request);
  const conversation = desk.conversations.find(form.get('ctx'));
  const user = conversation?.user;
  const grant = conversation && grantOf(desk, conversation);
  if (conversation === undefined || !user || grant === undefined) return replyOver(request);
  desk.conversations.end(conversation);
  if (form.get('answer') !== 'continue') {
    grant.state = { is: 'declined' };
    return replyPage(
      request,
      messagePage('Sign-in cancelled', 'You have cancelled the sign-in. You can close this window.'),
    );
  }
  grant.state = { is: 'granted', user, mfaDone: conversation.mfaDone };
  const text = `You have signed in to the ${grant.clientId} application on your device. You may now close this window.`;
  return replyPage(request, messagePage('Signed in', text));
}

function grantOf(desk: Desk, conversation: Conversation): DeviceGrant | undefined {
  const { purpose } = conversation;
  return purpose.kind === 'device' ? desk.deviceGrants.findByUserCode(purpose.userCode) : undefined;
}
