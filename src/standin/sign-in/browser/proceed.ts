/** Takes a conversation to the next page that it needs a person for, or to its end. */
import type { StandinRequest } from '../../request.js';
import { aadstsText } from '../aadsts.js';
import { replyPage, replyRedirect } from '../answers.js';
import type { Desk } from '../desk.js';
import { fateOf } from '../passwords.js';
import { complete } from './complete.js';
import type { Conversation } from './conversation.js';
import {
  blockedPage,
  errorPage,
  type FormPage,
  keepSignedInPage,
  mfaPage,
  passwordPage,
  registrationPage,
  termsPage,
  userNamePage,
} from './pages.js';

export const MFA_PATH = '/common/SAS/ProcessAuth';
export const TERMS_PATH = '/common/termsofuse';

/** `error` belongs to the page that comes next: what was wrong with the last answer. */
export function proceed(
  desk: Desk,
  request: StandinRequest,
  conversation: Conversation,
  error: string | null = null,
): Promise<void> {
  const page = nextPage(desk, request, conversation, error);
  if (page === null) return complete(desk, request, conversation);
  conversation.interactive = true;
  desk.log.add('page-shown', conversation.userName || null, page.name);
  if ('location' in page) return replyRedirect(request, page.location);
  return replyPage(request, page.html);
}

/** Whether `proceed` would get to the end without a person. */
export function needsNobody(desk: Desk, conversation: Conversation): boolean {
  const { user } = conversation;
  if (user === null) return false;
  const fate = fateOf(user);
  const isFree = fate === 'normal' || fate === 'locked' || (fate === 'mfa' && conversation.mfaDone);
  return isFree && conversation.pending === null && !asksToStay(desk, conversation);
}

type Page = { readonly name: string } & ({ readonly html: string } | { readonly location: string });

function nextPage(
  desk: Desk,
  request: StandinRequest,
  conversation: Conversation,
  error: string | null,
): Page | null {
  const { user } = conversation;
  const form = (path: string) => formPage(desk, request, conversation, { path, error });
  if (user === null) return pageBeforeProof(desk, request, conversation, error);
  switch (fateOf(user)) {
    case 'blocked':
      return { name: '53003', html: blockedPage(user.upn) };
    case 'unmanaged':
      return { name: '65005', html: errorPage(aadstsText(65005)) };
    case 'mfa-registration':
      return { name: '50079', html: registrationPage(user.upn) };
    case 'mfa':
      if (!conversation.mfaDone) return { name: 'mfa', html: mfaPage(form(MFA_PATH)) };
      break;
    case 'normal':
    case 'locked':
      break;
  }
  if (conversation.pending === 'mfa') return { name: 'mfa', html: mfaPage(form(MFA_PATH)) };
  if (conversation.pending === 'terms') return { name: 'terms', html: termsPage(form(TERMS_PATH)) };
  return asksToStay(desk, conversation) ? { name: 'kmsi', html: keepSignedInPage(form('/kmsi')) } : null;
}

function pageBeforeProof(
  desk: Desk,
  request: StandinRequest,
  conversation: Conversation,
  error: string | null,
): Page {
  const form = formPage(desk, request, conversation, { path: `/${desk.tenantId}/login`, error });
  const { userName } = conversation;
  const user = desk.directory.find(userName);
  if (user?.realm === 'federated') {
    return { name: 'federated', location: federatedUrl(desk, request, conversation) };
  }
  if (userName !== '' && user !== undefined) return { name: 'password', html: passwordPage(form) };
  const unknown =
    userName === '' ? null : 'This username may be incorrect. Make sure you typed it correctly.';
  return { name: 'user-name', html: userNamePage({ ...form, error: error ?? unknown }) };
}

function formPage(
  desk: Desk,
  request: StandinRequest,
  conversation: Conversation,
  parts: { readonly path: string; readonly error: string | null },
): FormPage {
  return {
    action: desk.hosts.originOf('login', request) + parts.path,
    context: conversation.context,
    userName: conversation.userName,
    error: parts.error,
  };
}

/** The passive form of ADFS; `wctx` comes back with its answer. */
function federatedUrl(desk: Desk, request: StandinRequest, conversation: Conversation): string {
  const query = new URLSearchParams({
    'client-request-id': desk.random.guid(),
    username: conversation.userName,
    wa: 'wsignin1.0',
    wtrealm: 'urn:federation:MicrosoftOnline',
    wctx: conversation.context,
  });
  return `${desk.hosts.originOf('adfs', request)}/adfs/ls/?${query}`;
}

/** "Stay signed in?" is asked once, unless an earlier answer was to be remembered. */
function asksToStay(desk: Desk, conversation: Conversation): boolean {
  if (conversation.persistent !== null || !desk.switches.keepSignedInPrompt) return false;
  const remembered = conversation.user && desk.rememberedAnswers.get(conversation.user.id);
  return remembered === undefined || remembered === null;
}
