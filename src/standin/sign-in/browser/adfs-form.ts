/** The passive side of ADFS: a form for user name and password, then the assertion posted to the login host. */
import type { StandinRequest } from '../../request.js';
import { readForm, replyPage } from '../answers.js';
import type { Desk } from '../desk.js';
import { escapeMarkup } from '../escape.js';
import { assertionResponse, issueAssertion, takeAssertion } from '../legacy/assertion.js';
import { autoPostPage } from './auto-post.js';
import { replyOver } from './over.js';
import { errorLine, pageShell } from './page-shell.js';
import { proceed } from './proceed.js';

/** `GET` and `POST /adfs/ls/`. */
export async function adfsForm(desk: Desk, request: StandinRequest): Promise<void> {
  const userName = request.query.get('username') ?? '';
  if (request.method !== 'POST') return replyPage(request, formPage(desk, request, userName, null));
  const form = await readForm(request);
  const given = form.get('UserName') ?? '';
  const verdict = desk.passwords.check(given, form.get('Password') ?? '');
  if ('code' in verdict) {
    const error = 'Incorrect user ID or password. Type the correct user ID and password, and try again.';
    return replyPage(request, formPage(desk, request, given, error));
  }
  const assertion = issueAssertion(desk, verdict.user);
  const fields = {
    wa: 'wsignin1.0',
    wresult: assertionResponse(desk, assertion, 'urn:federation:MicrosoftOnline'),
    wctx: request.query.get('wctx') ?? '',
  };
  return replyPage(
    request,
    autoPostPage(`${desk.hosts.originOf('login', request)}/login.srf`, fields, desk.random),
  );
}

/** `POST /login.srf`: the login host takes the assertion and the conversation goes on. */
export async function returnFromAdfs(desk: Desk, request: StandinRequest): Promise<void> {
  const form = await readForm(request);
  const conversation = desk.conversations.find(form.get('wctx'));
  const user = takeAssertion(desk, form.get('wresult') ?? '');
  if (conversation === undefined || user === undefined) return replyOver(request);
  conversation.user = user;
  conversation.userName = user.upn;
  return proceed(desk, request, conversation);
}

function formPage(desk: Desk, request: StandinRequest, userName: string, error: string | null): string {
  const action = `${desk.hosts.originOf('adfs', request)}/adfs/ls/?${request.rawQuery}`;
  return pageShell(
    'Sign In',
    `<h1>${escapeMarkup(desk.hosts.tenant)}</h1>${errorLine('errorText', error)}` +
      `<form method="post" id="loginForm" action="${escapeMarkup(action)}">` +
      `<input id="userNameInput" name="UserName" type="email" value="${escapeMarkup(userName)}">` +
      '<input id="passwordInput" name="Password" type="password">' +
      '<input type="hidden" name="AuthMethod" value="FormsAuthentication">' +
      '<input id="submitButton" type="submit" value="Sign in"></form>',
  );
}
