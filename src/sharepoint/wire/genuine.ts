/**
 * Whether an answer comes from the server that was asked, or from something that answers in its place: the sign-in page
 * of a hotel's network, a gateway that lost its way. Such an answer says nothing about files, and nothing about the
 * sign-in either. Pure: an answer's head in, a verdict out.
 */
import { type AnswerHead, signInVerdict } from './not-signed-in.js';

/** `look`: the body's first bytes decide; only what looks like a way to sign in is the server's. */
export type Genuineness = 'genuine' | 'foreign' | 'look';

/** SharePoint puts some of these on whatever it says (protocol notes 2.3, 2.9). */
const MARKS = [
  'sprequestguid',
  'request-id',
  'microsoftsharepointteamservices',
  'x-sharepointhealthscore',
  'spiislatency',
  'sprequestduration',
  'x-msdavext_error',
  'x-forms_based_auth_required',
  'x-idcrl_auth_params_v1',
] as const;

/** RFC 6585: a network wants to be signed in to. */
const NETWORK_AUTHENTICATION_REQUIRED = 511;

export function genuineSharePoint(head: AnswerHead): Genuineness {
  const { status, headers } = head;
  if (MARKS.some((name) => headers[name] !== undefined)) return 'genuine';
  if (status === NETWORK_AUTHENTICATION_REQUIRED) return 'foreign';
  if (isRedirect(status)) return redirect(head);
  return status < 300 && signInVerdict(head, 'look').kind === 'look' ? 'look' : 'genuine';
}

/** Nothing marks the answers of just any WebDAV server; pages instead of its own format are not its. */
export function genuineWebDav(head: AnswerHead & { readonly method: string }): Genuineness {
  const { status, headers, method } = head;
  if (status === NETWORK_AUTHENTICATION_REQUIRED) return 'foreign';
  if (isRedirect(status)) return leadsElsewhere(head) ? 'foreign' : 'genuine';
  const isPage = /^\s*text\/html/i.test(headers['content-type'] ?? '');
  return status === 207 || !isPage || method !== 'PROPFIND' || status >= 300 ? 'genuine' : 'foreign';
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400 && status !== 304;
}

/** To another host only over TLS, and only where one signs in. */
function redirect(head: AnswerHead): Genuineness {
  if (!leadsElsewhere(head)) return 'genuine';
  const isSignIn = signInVerdict(head, 'look').kind === 'challenge';
  return isSignIn && targetOf(head)?.protocol === 'https:' ? 'genuine' : 'foreign';
}

function leadsElsewhere(head: AnswerHead): boolean {
  const target = targetOf(head);
  return target !== null && target.hostname !== head.url.hostname;
}

function targetOf({ headers, url }: AnswerHead): URL | null {
  const { location } = headers;
  return location !== undefined && URL.canParse(location, url.href) ? new URL(location, url) : null;
}
