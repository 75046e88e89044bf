/**
 * The token endpoint of the login host (protocol notes 1h): sends one grant, reads tokens or the reason for none. Which
 * grant, and when, is left to the callers.
 */
import { z } from 'zod';
import { errorFromAadsts } from '../aadsts.js';
import type { Attempt } from '../attempt.js';
import type { LoginAnswer } from '../login-client.js';
import { SignInError } from '../sign-in-error.js';
import type { StoredSession, StoredTokens } from '../store/stored-session.js';

/** Who asks, and where. */
export interface OAuthClient {
  readonly loginUrl: string;
  readonly tenant: string;
  readonly clientId: string;
}

/** Any organisation, but no personal accounts: those have no SharePoint. */
export const DEFAULT_TENANT = 'organizations';

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().nullish(),
  expires_in: z.coerce.number().positive(),
  scope: z.string().nullish(),
});

const errorAnswer = z.object({
  error: z.string(),
  error_description: z.string().nullish(),
  suberror: z.string().nullish(),
});

/** The endpoint named a reason of RFC 6749 or RFC 8628 for giving no token. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
  readonly code: string;
  readonly reason: SignInError;

  constructor(code: string, reason: SignInError) {
    super(`the login host gave no token (${code})`);
    this.code = code;
    this.reason = reason;
  }
}

/** Full access to the user's own sites on that host, and a refresh token with it. */
export function scopeFor(siteOrigin: string): string {
  return `${siteOrigin}/.default offline_access openid profile`;
}

/** Throws TokenRefused, or SignInError for everything else. */
export async function requestTokens(
  attempt: Attempt,
  client: OAuthClient,
  grant: Readonly<Record<string, string>>,
): Promise<StoredTokens> {
  const scope = scopeFor(attempt.site.origin);
  const answer = await postForm(attempt, endpoint(client, 'token'), {
    client_id: client.clientId,
    scope,
    ...grant,
  });
  const tokens = tokenAnswer.safeParse(jsonOf(answer));
  if (!tokens.success) throw refusalIn(answer);
  return {
    refreshToken: tokens.data.refresh_token ?? null,
    previousRefreshToken: null,
    accessToken: tokens.data.access_token,
    accessExpiresAt: attempt.clock.now() + tokens.data.expires_in * 1000,
    scope,
  };
}

/** The next tokens by the refresh token at hand; the older one is kept beside it. Throws SignInError. */
export async function refreshTokens(
  attempt: Attempt,
  session: StoredSession,
  claims: string | null,
): Promise<StoredTokens> {
  const current = session.tokens?.refreshToken;
  if (!current || session.clientId === null) {
    throw new SignInError('person-needed', 'the sign-in has no refresh token: run "odbfs login"');
  }
  const client = {
    loginUrl: session.loginUrl ?? attempt.site.knownLoginUrl ?? attempt.site.origin,
    tenant: session.tenant ?? DEFAULT_TENANT,
    clientId: session.clientId,
  };
  const grant = {
    grant_type: 'refresh_token',
    refresh_token: current,
    ...(claims === null ? {} : { claims }),
  };
  try {
    const next = await requestTokens(attempt, client, grant);
    return { ...next, refreshToken: next.refreshToken ?? current, previousRefreshToken: current };
  } catch (error) {
    throw error instanceof TokenRefused ? error.reason : error;
  }
}

export function endpoint({ loginUrl, tenant }: OAuthClient, name: 'authorize' | 'token' | 'devicecode'): URL {
  return new URL(`${loginUrl}/${encodeURIComponent(tenant)}/oauth2/v2.0/${name}`);
}

export function postForm(
  attempt: Attempt,
  url: URL,
  fields: Readonly<Record<string, string>>,
): Promise<LoginAnswer> {
  return attempt.client.send({
    method: 'POST',
    url,
    headers: {
      'user-agent': attempt.userAgent,
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    },
    body: new URLSearchParams(fields).toString(),
    signal: attempt.signal,
  });
}

export function jsonOf(answer: LoginAnswer): unknown {
  try {
    return JSON.parse(answer.text);
  } catch {
    return null;
  }
}

/** A refusal with its reason in our words; a page instead of JSON is `protocol`. */
export function refusalIn(answer: LoginAnswer): TokenRefused | SignInError {
  const refusal = errorAnswer.safeParse(jsonOf(answer));
  if (!refusal.success) {
    return new SignInError(
      'protocol',
      `${answer.url.host} gave no token (status ${answer.status}): try later`,
    );
  }
  const { error, error_description: description } = refusal.data;
  return new TokenRefused(error, errorFromAadsts(description ?? '') ?? reasonFor(error));
}

function reasonFor(code: string): SignInError {
  switch (code) {
    case 'invalid_grant':
      return new SignInError('person-needed', 'the sign-in has ended or was revoked: run "odbfs login"');
    case 'interaction_required':
    case 'login_required':
      return new SignInError(
        'person-needed',
        'the login host wants to see a person again: run "odbfs login"',
      );
    case 'consent_required':
      return new SignInError(
        'admin-approval',
        'nobody has allowed this client id yet: ask the administrator, or run "odbfs login --method browser"',
      );
    case 'temporarily_unavailable':
    case 'server_error':
      return new SignInError('unreachable', 'the login host has a fault of its own: try later');
    default:
      return new SignInError(
        'bad-input',
        `the login host does not take this client (${/^[a-z_]{1,40}$/.test(code) ? code : 'unknown'}): check --client-id and --tenant`,
      );
  }
}
