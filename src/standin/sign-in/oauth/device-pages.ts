/** The page at the verification address: a person types the code that the device shows, then signs in. */
import type { StandinRequest } from '../../request.js';
import { readForm, replyPage } from '../answers.js';
import { ambientCookies, loginSession } from '../browser/login-session.js';
import { userCodePage } from '../browser/pages.js';
import { proceed } from '../browser/proceed.js';
import { resume } from '../browser/resume.js';
import { withSetCookies } from '../browser/with-set-cookies.js';
import type { Desk } from '../desk.js';

export const VERIFICATION_PATH = '/common/oauth2/deviceauth';

/** `GET` shows the form, `POST` takes `otc`; a `user_code` in the query is typed already. */
export async function deviceCodePage(desk: Desk, request: StandinRequest): Promise<void> {
  const code =
    request.method === 'POST' ? (await readForm(request)).get('otc') : request.query.get('user_code');
  if (code === null) return replyPage(request, codeForm(desk, request, null));
  const grant = desk.deviceGrants.findByUserCode(code);
  if (grant === undefined) {
    return replyPage(
      request,
      codeForm(desk, request, "That code didn't work. Check the code and try again."),
    );
  }
  const conversation = desk.conversations.begin({ kind: 'device', userCode: grant.userCode });
  const session = loginSession(desk, request);
  if (session !== undefined) resume(desk, conversation, session);
  return proceed(desk, withSetCookies(request, ambientCookies(desk, request)), conversation);
}

function codeForm(desk: Desk, request: StandinRequest, error: string | null): string {
  const action = desk.hosts.originOf('login', request) + VERIFICATION_PATH;
  return userCodePage({ action, context: '', userName: '', error });
}
