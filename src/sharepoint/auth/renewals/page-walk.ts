/**
 * Walks a browser's sign-in without a browser (protocol notes 1g, hops 1-5): follows redirects by hand with one jar,
 * posts the form that posts itself, and stops when the site has set a session cookie. Goes to the site's own hosts and
 * to its login host only; any other place, and any page that asks something, needs a person.
 */

import { errorFromAadsts } from '../aadsts.js';
import type { AccountJar } from '../account-jar.js';
import type { Attempt } from '../attempt.js';
import { cloudOf } from '../clouds.js';
import { loginBaseOf } from '../login-base.js';
import type { LoginAnswer } from '../login-client.js';
import { FED_AUTH } from '../session-cookies.js';
import { signInDoor } from '../sign-in-door.js';
import { SignInError } from '../sign-in-error.js';
import { autoPostForm, type HtmlForm } from './html-form.js';

export interface Walk {
  readonly attempt: Attempt;
  /** Changed as the walk goes; holds no FedAuth for the host at the start. */
  readonly jar: AccountJar;
  /** The login host's base, where it is known. */
  readonly loginUrl: string | null;
}

interface Hop {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly body?: string;
}

const MAX_HOPS = 20;

/** Returns the login host's base if the walk came by there. */
export async function walkSignIn(walk: Walk, start: URL): Promise<string | null> {
  let hop: Hop = { method: 'GET', url: start };
  let loginUrl = walk.loginUrl;
  for (let count = 0; count < MAX_HOPS; count += 1) {
    const answer = await visit(walk, hop).catch((error: unknown) => {
      throw canBeAsked(walk, hop.url) ? error : new SignInError('person-needed', ASK, { cause: error });
    });
    if (walk.jar.value(start, FED_AUTH) !== null) return loginUrl;
    const next =
      count === 0 && !answer.location
        ? { method: 'GET' as const, url: signInDoor(start) }
        : nextHop(answer, start);
    // On a server of somebody's own only its redirects tell where the login host is; in the clouds, the table does.
    loginUrl ??= cloudOf(start.hostname) === null ? loginBaseOf(next.url) : null;
    if (!isAllowed(next.url, walk, loginUrl)) {
      throw new SignInError('person-needed', `the sign-in leads to ${next.url.host}: run "odbfs login"`);
    }
    hop = next;
  }
  throw new SignInError(
    'person-needed',
    'the sign-in pages lead in a circle: run "odbfs login --method browser"',
  );
}

/** A login host that knows nothing of us wants to see a person, whether it answers or not. */
function canBeAsked({ attempt: { site }, jar }: Walk, url: URL): boolean {
  return site.owns(url) || jar.header(url) !== '';
}

function visit({ attempt, jar }: Walk, hop: Hop): Promise<LoginAnswer> {
  const form = hop.body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
  const look = attempt.pageUserAgent ? { 'user-agent': attempt.pageUserAgent } : {};
  return attempt.client.send({
    method: hop.method,
    url: hop.url,
    headers: { ...form, ...look },
    ...(hop.body === undefined ? {} : { body: hop.body }),
    jar,
    signal: attempt.signal,
  });
}

function nextHop(answer: LoginAnswer, start: URL): Hop {
  if (answer.location) return { method: 'GET', url: answer.location };
  const form = autoPostForm(answer.text);
  if (!form) throw personNeeded(answer);
  const action = URL.canParse(form.action, answer.url.href) ? new URL(form.action, answer.url) : null;
  // The form carries a code and a token: they go to the site that asked for them, and nowhere else.
  if (action === null || action.origin !== start.origin) throw personNeeded(answer);
  const failure = refusalIn(form);
  if (failure) throw failure;
  const fields = form.hidden.map(([name, value]): [string, string] => [name, value]);
  return { method: 'POST', url: action, body: new URLSearchParams(fields).toString() };
}

function refusalIn(form: HtmlForm): SignInError | null {
  const fields = new Map(form.hidden);
  if (!fields.has('error')) return null;
  return errorFromAadsts(fields.get('error_description') ?? '') ?? new SignInError('person-needed', ASK);
}

const ASK = 'the login host wants to see a person again: run "odbfs login"';

/** 917656 is no rule of the tenant here: the walk has no session yet, and that is what no session is answered. */
function personNeeded(answer: LoginAnswer): SignInError {
  return errorFromAadsts(answer.text) ?? new SignInError('person-needed', ASK);
}

function isAllowed(url: URL, { attempt: { site } }: Walk, loginUrl: string | null): boolean {
  if (site.owns(url)) return true;
  if (loginUrl !== null && url.origin === new URL(loginUrl).origin) return true;
  const known = cloudOf(site.hostname)?.loginHosts ?? [];
  return url.protocol === 'https:' && known.includes(url.hostname);
}
