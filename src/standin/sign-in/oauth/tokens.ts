/** Makes access tokens, refresh tokens and id tokens, and remembers them. */
import type { StandinUser } from '../../directory.js';
import { hostKeyOfUrl } from '../addresses.js';
import type { Desk, RefreshDetail } from '../desk.js';
import { jsonWebToken } from '../json-web-token.js';
import type { Resource } from './scope.js';

export interface Grant {
  readonly user: StandinUser;
  readonly clientId: string;
  readonly resource: Resource;
  readonly claimsMet: boolean;
  readonly mfaDone: boolean;
}

/** The body of a successful answer of the token endpoint. */
export function tokenAnswer(desk: Desk, grant: Grant): Record<string, unknown> {
  const { resource, user, clientId, mfaDone } = grant;
  const expiresInSeconds = desk.switches.accessTokenSeconds;
  return {
    token_type: 'Bearer',
    scope: resource.scope,
    expires_in: expiresInSeconds,
    ext_expires_in: expiresInSeconds,
    access_token: accessToken(desk, grant),
    ...(resource.wantsRefresh && { refresh_token: refreshToken(desk, user, { clientId, mfaDone }) }),
    ...(resource.wantsIdToken && {
      id_token: idToken(desk, user, { audience: clientId, nonce: '', redirectUri: '', persistent: false }),
    }),
  };
}

export function accessToken(desk: Desk, grant: Grant): string {
  const { user, resource, clientId, claimsMet } = grant;
  const lifetimeSeconds = desk.switches.accessTokenSeconds;
  const claims = {
    ...commonClaims(desk, user, lifetimeSeconds),
    aud: resource.audienceText,
    appid: clientId,
    amr: grant.mfaDone ? ['pwd', 'mfa'] : ['pwd'],
    scp: resource.scope,
    upn: user.upn,
    ver: '1.0',
  };
  return desk.accessTokens.issue(jsonWebToken(claims, desk.random), user, lifetimeSeconds * 1000, {
    audience: resource.audience,
    audienceText: resource.audienceText,
    scope: resource.scope,
    claimsMet,
  });
}

/** An earlier refresh token stays as good as it was: rotation revokes nothing (protocol notes 1h). */
export function refreshToken(desk: Desk, user: StandinUser, detail: RefreshDetail): string {
  const value = `1.A${desk.random.bytes(500).toString('base64url')}.`;
  return desk.refreshTokens.issue(value, user, desk.switches.persistentSessionSeconds * 1000, detail);
}

export interface IdTokenWish {
  readonly audience: string;
  readonly nonce: string;
  readonly redirectUri: string;
  readonly persistent: boolean;
}

export function idToken(desk: Desk, user: StandinUser, wish: IdTokenWish): string {
  const claims = {
    ...commonClaims(desk, user, 3600),
    aud: wish.audience,
    nonce: wish.nonce,
    preferred_username: user.upn,
    ver: '2.0',
  };
  return desk.idTokens.issue(jsonWebToken(claims, desk.random), user, 3_600_000, {
    nonce: wish.nonce,
    persistent: wish.persistent,
    host: hostKeyOfUrl(desk.hosts, wish.redirectUri) ?? '',
  });
}

function commonClaims(desk: Desk, user: StandinUser, lifetimeSeconds: number) {
  const nowSeconds = Math.trunc(desk.clock.now() / 1000);
  return {
    iss: `https://sts.windows.net/${desk.tenantId}/`,
    iat: nowSeconds,
    nbf: nowSeconds,
    exp: nowSeconds + lifetimeSeconds,
    oid: user.id,
    tid: desk.tenantId,
    name: user.displayName,
    unique_name: user.upn,
    sub: user.id,
    uti: desk.random.bytes(16).toString('base64url'),
  };
}
