/**
 * Signs an account in, by whichever way: gets secrets, tries them against the site, seals them. What was there before is
 * replaced only by something that works. Configuration and talking with the person are the command line's.
 */
import { randomUUID } from 'node:crypto';
import type { Attempt, NewSecrets } from './attempt.js';
import { chooseMethod, type MethodChoice } from './choose-method.js';
import { inheritSignIn } from './methods/relatives.js';
import { secretsBy, type Way, type WaysOptions } from './methods/ways.js';
import type { Prompts } from './prompts.js';
import { renewingSecret } from './renewals/strategy.js';
import { withSecrets } from './session/with-secrets.js';
import { type SessionPlace, type SessionPlaceOptions, sessionPlace } from './session-place.js';
import { SignInError } from './sign-in-error.js';
import { withRenewalLock } from './store/renewal-lock.js';
import { emptySession, type SignInMethod, type StoredSession } from './store/stored-session.js';
import { tryOut } from './try-out.js';

export interface SignInRequest {
  readonly method: MethodChoice;
  readonly username?: string | undefined;
  readonly clientId?: string | undefined;
  readonly tenant?: string | undefined;
  /** A file with cookies; without one the person is asked to paste them. */
  readonly cookiesFrom?: string | undefined;
  /** With `password`: keep it, sealed, so that the sign-in renews itself. Default true. */
  readonly keepPassword?: boolean | undefined;
  /** Base of the login host, for servers that are in no table; found by itself where possible. */
  readonly loginUrl?: string | undefined;
}

/** What may stand in the configuration: nothing here is secret. */
export interface SignInResult {
  readonly method: SignInMethod;
  readonly siteUrl: string;
  readonly username: string | null;
  readonly clientId: string | null;
  readonly tenant: string | null;
  readonly expiresAt: string | null;
  /** False when a person has to come back at the session's end. */
  readonly renewsItself: boolean;
}

export interface SignInOptions extends SessionPlaceOptions, WaysOptions {
  readonly stateDir: string;
  /** State directories of other accounts: with `auto`, one of the same tenant may spare the person a sign-in. */
  readonly relatives?: readonly string[];
}

/** Throws SignInError. A running mount takes the new sign-in over by itself. */
export async function signIn(
  request: SignInRequest,
  prompts: Prompts,
  options: SignInOptions,
  signal: AbortSignal,
): Promise<SignInResult> {
  const place = sessionPlace(options);
  const attempt: Attempt = { ...place, signal };
  const before = await previous(place, prompts);
  const way: Asked = { attempt, request, prompts, before, options };
  const found = (await byRelatives(way)) ?? (await byMethod(way));
  const session = newSession(place, before, found);
  const work = () => place.vault.save(session);
  if (place.lockPath === null) await work();
  else await withRenewalLock(place.lockPath, attempt, work);
  return resultOf(session, found.secrets, place);
}

type Asked = Way & { readonly options: SignInOptions };

/** What a new session is made of, by whichever way. */
interface FoundSession {
  readonly method: SignInMethod;
  readonly secrets: NewSecrets;
  readonly username: string | null;
  readonly password: string | null;
  readonly clientId: string | null;
  readonly tenant: string | null;
  readonly loginUrl: string | null;
  readonly userAgent: string | null;
  /** Of the account whose sign-in it goes on; null when a person signed in. */
  readonly family: string | null;
}

async function byMethod(way: Asked): Promise<FoundSession> {
  const { attempt, request, options } = way;
  const method = chooseMethod(request, options.environment ?? process.env);
  const found = await secretsBy(method, way);
  return {
    ...found,
    method,
    userAgent: await tryOut(attempt, found.secrets, method),
    clientId: method === 'device' || method === 'code' ? (request.clientId ?? null) : null,
    tenant: found.secrets.tenant ?? request.tenant ?? null,
    loginUrl: found.secrets.loginUrl ?? request.loginUrl ?? null,
    family: null,
  };
}

/** A personal site is one person's: another account may be another's. A team site is everybody's. */
async function byRelatives({ attempt, request, prompts, options }: Asked): Promise<FoundSession | null> {
  const { relatives = [] } = options;
  if (request.method !== 'auto' || attempt.site.isPersonal || relatives.length === 0) return null;
  let userAgent: string | null = null;
  const vaults = relatives.map((stateDir) => sessionPlace({ ...options, stateDir }).vault);
  const wanted = { vaults, username: request.username ?? null };
  const inherited = await inheritSignIn(attempt, wanted, async (secrets, method) => {
    userAgent = await tryOut(attempt, secrets, method);
  });
  if (inherited === null) return null;
  prompts.tell('signed in with the sign-in of another account of the same tenant');
  const { loginUrl = null, tenant = null } = inherited.secrets;
  return { ...inherited, password: null, tenant, loginUrl, userAgent };
}

/** A file that can't be read is no reason not to sign in again. */
async function previous({ vault }: SessionPlace, prompts: Prompts): Promise<StoredSession | null> {
  try {
    return await vault.load();
  } catch (error) {
    if (!(error instanceof SignInError)) throw error;
    prompts.tell('the previous sign-in can not be read and is replaced');
    return null;
  }
}

function newSession(place: SessionPlace, before: StoredSession | null, found: FoundSession): StoredSession {
  const { method, secrets, username, password, clientId, tenant, loginUrl, userAgent } = found;
  const nowMs = place.clock.now();
  const empty = emptySession(place.site.webUrl, method, secrets.jar.serialize());
  return {
    ...withSecrets(empty, secrets, place),
    // Not only one more than before: after a logout there is no before, and a mount may still hold that one.
    generation: Math.max((before?.generation ?? 0) + 1, Math.floor(nowMs)),
    username,
    password,
    userAgent,
    family: found.family ?? randomUUID(),
    clientId,
    tenant,
    loginUrl: loginUrl ?? place.site.knownLoginUrl,
    signedInAt: nowMs,
  };
}

function resultOf(session: StoredSession, { jar }: NewSecrets, { site }: SessionPlace): SignInResult {
  return {
    method: session.method,
    siteUrl: site.webUrl,
    username: session.username,
    clientId: session.clientId,
    tenant: session.tenant,
    expiresAt: session.expiresAt === null ? null : new Date(session.expiresAt).toISOString(),
    renewsItself: renewingSecret(session, jar, site) !== null,
  };
}
