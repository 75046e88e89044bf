/** From the name of a method to its secrets: what each asks the person, and in which order. */
import { readFile, stat } from 'node:fs/promises';
import type { Attempt, NewSecrets } from '../attempt.js';
import { discoverLoginUrl } from '../discover-login.js';
import type { Prompts } from '../prompts.js';
import { renewByPages } from '../renewals/by-pages.js';
import type { SignInRequest } from '../sign-in.js';
import { SignInError } from '../sign-in-error.js';
import type { SignInMethod, StoredSession } from '../store/stored-session.js';
import { type BrowserOptions, secretsByBrowser } from './browser/index.js';
import { importCookies, MAX_IMPORT_BYTES } from './cookies.js';
import { signInWithPassword } from './password.js';
import { secretsByCode, secretsByDevice } from './tokens.js';

export interface WaysOptions {
  /** Where displays and the like are looked up; default the process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The account's state directory. */
  readonly stateDir: string;
  readonly browser?: BrowserOptions;
}

export interface Way {
  readonly attempt: Attempt;
  readonly request: SignInRequest;
  readonly prompts: Prompts;
  readonly before: StoredSession | null;
  readonly options: WaysOptions;
}

export interface Found {
  readonly secrets: NewSecrets;
  readonly username: string | null;
  /** To be kept; null when there is none or the person does not want it. */
  readonly password: string | null;
}

export function secretsBy(method: SignInMethod, way: Way): Promise<Found> {
  switch (method) {
    case 'password':
      return byPassword(way);
    case 'cookies':
      return byCookies(way);
    case 'browser':
      return byBrowser(way);
    case 'device':
      return nameless(way, secretsByDevice(way));
    case 'code':
      return nameless(way, secretsByCode(way));
  }
}

async function nameless({ request }: Way, secrets: Promise<NewSecrets>): Promise<Found> {
  return { secrets: await secrets, username: request.username ?? null, password: null };
}

function byBrowser(way: Way): Promise<Found> {
  const { attempt, options, prompts } = way;
  const environment = options.environment ?? process.env;
  const place = {
    attempt,
    stateDir: options.stateDir,
    environment,
    tell: (line: string) => prompts.tell(line),
  };
  return nameless(way, secretsByBrowser(place, options.browser ?? {}));
}

async function byPassword(way: Way): Promise<Found> {
  const { attempt, request, prompts } = way;
  const { signal } = attempt;
  const ask = (name: 'username' | 'password', text: string) =>
    prompts.ask({ name, text, secret: name === 'password' }, signal);
  const username = (request.username ?? (await ask('username', 'User name (user@organisation): '))).trim();
  if (username === '') throw new SignInError('bad-input', 'no user name was given: use --username');
  // Whoever pipes a password sends a line; no password ends with one.
  const password = (await ask('password', `Password of ${username}: `)).replace(/\r?\n$/, '');
  if (password === '') throw new SignInError('bad-input', 'no password was given');
  const secrets = await signInWithPassword(attempt, await loginUrlFor(way), { username, password });
  return { secrets, username, password: request.keepPassword === false ? null : password };
}

async function byCookies(way: Way): Promise<Found> {
  const { attempt, request } = way;
  const text = await cookieText(way);
  const loginUrl = request.loginUrl ?? attempt.site.knownLoginUrl;
  const imported = importCookies(attempt, text, loginUrl);
  const secrets = imported.complete ? imported : await renewByPages(attempt, imported.jar, loginUrl);
  return { secrets, username: request.username ?? null, password: null };
}

/** `-` is standard input, as for other programs. */
async function cookieText({ request, prompts, attempt }: Way): Promise<string> {
  const path = request.cookiesFrom;
  if (path === undefined || path === '-') {
    const text = `Cookies of ${attempt.site.hostname} (a Cookie header, cookies.txt or JSON): `;
    const given = await prompts.ask({ name: 'cookies', text, secret: true }, attempt.signal);
    if (given.trim() === '') throw new SignInError('bad-input', 'no cookies were given');
    return given;
  }
  const size = await stat(path).then(
    (found) => found.size,
    () => null,
  );
  if (size === null) throw new SignInError('bad-input', `there is no file ${path}`);
  if (size > MAX_IMPORT_BYTES) throw new SignInError('bad-input', `${path} is larger than 4 MiB`);
  return readFile(path, 'utf8');
}

/** The login host: as given, by the table of clouds, or as the site itself tells. */
export async function loginUrlFor({ attempt, request }: Way): Promise<string> {
  const known = request.loginUrl?.replace(/\/+$/, '') ?? attempt.site.knownLoginUrl;
  return known ?? discoverLoginUrl(attempt);
}
