/** What the pages of the login host post: user name, password, MFA code, and the answer to "Stay signed in?". */
import type { StandinRequest } from '../../request.js';
import { readForm } from '../answers.js';
import type { Desk } from '../desk.js';
import type { Conversation } from './conversation.js';
import { replyOver } from './over.js';
import { proceed } from './proceed.js';

/** `POST /{tenant}/login`: `loginfmt` alone is the first page, with `passwd` it is the second. */
export async function postLogin(desk: Desk, request: StandinRequest): Promise<void> {
  const { form, conversation } = await readPost(desk, request);
  if (conversation === undefined) return replyOver(request);
  const userName = form.get('login') ?? form.get('loginfmt') ?? conversation.userName;
  conversation.userName = userName.trim();
  const password = form.get('passwd');
  if (password === null) return proceed(desk, request, conversation);
  if (desk.directory.find(conversation.userName)?.realm === 'federated') {
    return proceed(desk, request, conversation);
  }
  const verdict = desk.passwords.check(conversation.userName, password);
  if ('user' in verdict) conversation.user = verdict.user;
  return proceed(desk, request, conversation, 'code' in verdict ? passwordError(verdict.code) : null);
}

/** `POST /common/SAS/ProcessAuth`. */
export async function postMfa(desk: Desk, request: StandinRequest): Promise<void> {
  const { form, conversation } = await readPost(desk, request);
  if (conversation === undefined || conversation.user === null) return replyOver(request);
  conversation.mfaDone = (form.get('otc') ?? '').trim() === desk.switches.mfaCode;
  if (conversation.mfaDone && conversation.pending === 'mfa') conversation.pending = null;
  desk.log.add(conversation.mfaDone ? 'mfa-accepted' : 'mfa-wrong', conversation.user.upn);
  const error = conversation.mfaDone
    ? null
    : "You didn't enter the expected verification code. Please try again.";
  return proceed(desk, request, conversation, error);
}

/** `POST /common/termsofuse`. */
export async function postTerms(desk: Desk, request: StandinRequest): Promise<void> {
  const { form, conversation } = await readPost(desk, request);
  if (conversation === undefined || conversation.user === null) return replyOver(request);
  if (form.get('accepted') === 'true' && conversation.pending === 'terms') conversation.pending = null;
  return proceed(desk, request, conversation);
}

/** `POST /kmsi`: `LoginOptions=1` is "Yes". */
export async function postKeepSignedIn(desk: Desk, request: StandinRequest): Promise<void> {
  const { form, conversation } = await readPost(desk, request);
  if (conversation === undefined || conversation.user === null) return replyOver(request);
  conversation.persistent = form.get('LoginOptions') === '1';
  if (form.get('DontShowAgain') === 'true') {
    desk.rememberedAnswers.set(conversation.user.id, conversation.persistent);
  }
  return proceed(desk, request, conversation);
}

async function readPost(
  desk: Desk,
  request: StandinRequest,
): Promise<{ form: URLSearchParams; conversation: Conversation | undefined }> {
  const form = await readForm(request);
  return { form, conversation: desk.conversations.find(form.get('ctx')) };
}

function passwordError(code: number): string {
  return code === 50053
    ? 'Your account has been temporarily locked to prevent unauthorized use. Try again later. (50053)'
    : "Your account or password is incorrect. If you don't remember your password, reset it now. (50126)";
}
