/**
 * The many faces of "you are not signed in" (protocol notes 2.9). Pure: an answer's head, and a look at its first
 * bytes, in; a verdict out. What to do about it is the session layer's.
 */
import type { Challenge, ChallengeKind } from '../http/authenticator.js';

export interface AnswerHead {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly url: URL;
}

/**
 * - `challenge` certainly not signed in
 * - `doubtful`  a refusal that a dead session and a missing permission share: somebody has to ask
 * - `look`      the body's first bytes decide (`isSignInPage`)
 * - `fine`      nothing of that kind
 */
export type SignInVerdict =
  | { readonly kind: 'challenge'; readonly challenge: Challenge }
  | { readonly kind: 'doubtful'; readonly challenge: Challenge }
  | { readonly kind: 'look'; readonly challenge: Challenge }
  | { readonly kind: 'fine' };

/** "Access denied. Before opening files in this location...": not signed in, or refused by tenant policy. */
export const ACCESS_DENIED = 917_656;

const FINE: SignInVerdict = { kind: 'fine' };

/** What an answer of HTML with a success status means here (see `HttpRequest.html`). */
export type HtmlMeaning = 'fine' | 'look' | 'page';

export function signInVerdict(head: AnswerHead, html: HtmlMeaning): SignInVerdict {
  const { status } = head;
  if (status === 401) return { kind: 'challenge', challenge: challengeOf(head, unauthorizedKind(head)) };
  if (status === 403) return forbidden(head);
  if (status >= 300 && status < 400 && status !== 304) return redirected(head);
  const isPage = status < 300 && isHtml(head.headers) && !isDocument(head.headers);
  if (!isPage || html === 'fine') return FINE;
  return { kind: html === 'page' ? 'challenge' : 'look', challenge: challengeOf(head, 'page') };
}

/** Names of fields, hosts and scripts that sign-in pages of all kinds contain. */
const PAGE_MARKS =
  /name=["']?(loginfmt|passwd|SAMLRequest)["']?|login\.microsoftonline|login\.windows\.net|login\.partner\.microsoftonline|login\.chinacloudapi|_forms\/default\.aspx|_layouts\/(15\/)?Authenticate\.aspx|Sign in to your account|\/adfs\/ls/i;

export function isSignInPage(firstBytes: string): boolean {
  return PAGE_MARKS.test(firstBytes);
}

/**
 * So often is a request worth repeating as it was: 401 "Unable to initialize RPS" and the like come and go (protocol
 * notes 5.2.9). Of an offer to sign in by token it can't be told from the head whether it is one of these; one that wants
 * other claims is none, and where a password would do, one may have been sent, which is never offered again (lockout).
 */
export function spuriousRepeats(challenge: Challenge, headers: Readonly<Record<string, string>>): number {
  if (challenge.status !== 401) return 0;
  if (challenge.kind === 'bare' || /RPS/.test(headers['x-msdavext_error'] ?? '')) return 3;
  const offered = challenge.wwwAuthenticate ?? '';
  return challenge.kind === 'bearer' && !/\bclaims=/.test(offered) && !OFFERS_BASIC.test(offered) ? 1 : 0;
}

const OFFERS_BASIC = /(^|,\s*)Basic\b/i;

function unauthorizedKind({ headers }: AnswerHead): ChallengeKind {
  if (hasFormsHeaders(headers)) return 'forms';
  const offered = headers['www-authenticate'] ?? '';
  if (/(^|,\s*)IDCRL\b/i.test(offered)) return 'idcrl';
  if (/(^|,\s*)Bearer\b/i.test(offered)) return 'bearer';
  if (OFFERS_BASIC.test(offered)) return 'basic';
  return 'bare';
}

function forbidden(head: AnswerHead): SignInVerdict {
  if (hasFormsHeaders(head.headers)) return { kind: 'challenge', challenge: challengeOf(head, 'forms') };
  const isRest = head.url.pathname.toLowerCase().includes('/_api/');
  return { kind: 'doubtful', challenge: challengeOf(head, isRest ? 'rest' : 'bare') };
}

function redirected(head: AnswerHead): SignInVerdict {
  const target = decodedLocation(head);
  if (target === null) return FINE;
  const leadsToSignIn =
    /\/_layouts\/(15\/)?Authenticate\.aspx|\/_forms\/default\.aspx|\/oauth2\/|\/adfs\/|\/_login\/|AccessDenied\.aspx|\/login\.srf/i;
  const foreign = target.host !== head.url.host;
  const isSignIn =
    leadsToSignIn.test(target.pathname) || (foreign && /^(login|adfs|sts)\b/i.test(target.host));
  return isSignIn ? { kind: 'challenge', challenge: challengeOf(head, 'redirect') } : FINE;
}

function decodedLocation({ headers, url }: AnswerHead): URL | null {
  const location = headers.location;
  return location !== undefined && URL.canParse(location, url.href) ? new URL(location, url) : null;
}

function hasFormsHeaders(headers: Readonly<Record<string, string>>): boolean {
  return (
    headers['x-forms_based_auth_required'] !== undefined ||
    headers['x-idcrl_auth_params_v1'] !== undefined ||
    davError(headers) === ACCESS_DENIED
  );
}

function challengeOf({ status, headers, url }: AnswerHead, kind: ChallengeKind): Challenge {
  const wwwAuthenticate = headers['www-authenticate'] ?? null;
  return { kind, status, url, davError: davError(headers), wwwAuthenticate };
}

function davError(headers: Readonly<Record<string, string>>): number | null {
  const code = Number.parseInt(headers['x-msdavext_error'] ?? '', 10);
  return Number.isNaN(code) ? null : code;
}

function isHtml(headers: Readonly<Record<string, string>>): boolean {
  return /^\s*(text\/html|application\/xhtml)/i.test(headers['content-type'] ?? '');
}

/** A stored document, HTML or not, is served with the ETag of its item; a page is not. */
function isDocument(headers: Readonly<Record<string, string>>): boolean {
  return /^(W\/)?"\{[0-9a-f-]{36}\},\d/i.test(headers.etag ?? '');
}
