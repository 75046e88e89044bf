/**
 * `GET /{tenant}/oauth2/authorize` and `/oauth2/v2.0/authorize`: hop 4 of the browser flow, and the first step of an
 * application (protocol notes 1g, 1h). Signed in: straight to the result; else the first page for a person.
 */
import type { StandinRequest } from '../../request.js';
import { aadstsText } from '../aadsts.js';
import { readForm, replyPage } from '../answers.js';
import { SHAREPOINT_PRINCIPAL } from '../challenges.js';
import type { Desk } from '../desk.js';
import { readScope } from '../oauth/scope.js';
import { type AuthorizeRequest, isRedirectAllowed, readAuthorizeRequest } from './authorize-request.js';
import { deliverError } from './complete.js';
import { ambientCookies, loginSession } from './login-session.js';
import { errorPage } from './pages.js';
import { needsNobody, proceed } from './proceed.js';
import { resume } from './resume.js';
import { withSetCookies } from './with-set-cookies.js';

export async function authorize(desk: Desk, request: StandinRequest, version: 1 | 2): Promise<void> {
  const params = request.method === 'POST' ? await readForm(request) : request.query;
  const wanted = readAuthorizeRequest(version, params);
  if (wanted.clientId === '') return replyPage(request, errorPage(`${aadstsText(900144)} 'client_id'`));
  if (!isRedirectAllowed(desk, request, wanted)) return replyPage(request, errorPage(aadstsText(50011)));
  const failure = failureOf(desk, wanted);
  if (failure !== null) return deliverError(desk, request, wanted, failure);
  const conversation = desk.conversations.begin({ kind: 'authorize', wanted }, wanted.loginHint);
  const session = wanted.prompt === 'login' ? undefined : loginSession(desk, request);
  if (session !== undefined) resume(desk, conversation, session);
  if (wanted.prompt === 'none' && !needsNobody(desk, conversation)) {
    desk.conversations.end(conversation);
    const error = session === undefined ? 'login_required' : 'interaction_required';
    return deliverError(desk, request, wanted, { error, code: 50058 });
  }
  return proceed(desk, withSetCookies(request, ambientCookies(desk, request)), conversation);
}

function failureOf(desk: Desk, wanted: AuthorizeRequest) {
  if (wanted.responseTypes.size === 0) return { error: 'invalid_request', code: 900144 } as const;
  if (wanted.clientId === SHAREPOINT_PRINCIPAL) return null;
  const usesCode = wanted.responseTypes.has('code');
  if (usesCode && wanted.codeChallenge === null) return { error: 'invalid_request', code: 9002325 } as const;
  if (wanted.version === 1) return null;
  const resource = readScope(desk, wanted.scope);
  if (typeof resource !== 'number') return null;
  return { error: resource === 500011 ? 'invalid_resource' : 'invalid_scope', code: resource };
}
