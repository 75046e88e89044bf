/**
 * Signs an account in, by whichever way: gets secrets, tries them against the site, seals them. What was there before is
 * replaced only by something that works. Configuration and talking with the person are the command line's.
 */
import type { Attempt, NewSecrets } from './attempt.js';
import { chooseMethod, type MethodChoice } from './choose-method.js';
import { secretsBy, type WaysOptions } from './methods/ways.js';
import { type SessionPlace, type SessionPlaceOptions, sessionPlace } from './open-session.js';
import type { Prompts } from './prompts.js';
import { renewingSecret } from './renewals/strategy.js';
import { withSecrets } from './session/with-secrets.js';
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

export type SignInOptions = SessionPlaceOptions & WaysOptions;

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
  const method = chooseMethod(request, options.environment ?? process.env);
  const way = { attempt, request, prompts, before, options, place };
  const found = await secretsBy(method, way);
  const userAgent = await tryOut(attempt, found.secrets, method);
  const session = newSession({ place, method, request, before, userAgent, ...found });
  const work = () => place.vault.save(session);
  if (place.lockPath === null) await work();
  else await withRenewalLock(place.lockPath, attempt, work);
  return resultOf(session, found.secrets, place);
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

interface NewSessionParts {
  readonly place: SessionPlace;
  readonly method: SignInMethod;
  readonly request: SignInRequest;
  readonly before: StoredSession | null;
  readonly userAgent: string | null;
  readonly secrets: NewSecrets;
  readonly username: string | null;
  readonly password: string | null;
}

function newSession(parts: NewSessionParts): StoredSession {
  const { place, method, request, before, secrets, username, password, userAgent } = parts;
  const nowMs = place.clock.now();
  const empty = emptySession(place.site.webUrl, method, secrets.jar.serialize());
  return {
    ...withSecrets(empty, secrets, place),
    // Not only one more than before: after a logout there is no before, and a mount may still hold that one.
    generation: Math.max((before?.generation ?? 0) + 1, Math.floor(nowMs)),
    username,
    password,
    userAgent,
    clientId: method === 'device' || method === 'code' ? (request.clientId ?? null) : null,
    tenant: secrets.tenant ?? request.tenant ?? null,
    loginUrl: secrets.loginUrl ?? request.loginUrl ?? place.site.knownLoginUrl,
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
