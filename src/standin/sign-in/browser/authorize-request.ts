/** What `authorize` was asked for, v1 and v2 alike, or which error page it gets before anybody may be redirected. */
import type { StandinRequest } from '../../request.js';
import { hostKeyOfUrl, parseUrl } from '../addresses.js';
import { SHAREPOINT_PRINCIPAL } from '../challenges.js';
import type { Desk } from '../desk.js';

export type ResponseMode = 'query' | 'fragment' | 'form_post';

export interface AuthorizeRequest {
  readonly version: 1 | 2;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly responseMode: ResponseMode;
  readonly responseTypes: ReadonlySet<string>;
  readonly scope: string;
  readonly state: string | null;
  readonly nonce: string;
  readonly codeChallenge: string | null;
  readonly codeChallengeMethod: string;
  readonly hasClaims: boolean;
  readonly prompt: string;
  readonly loginHint: string;
}

export function readAuthorizeRequest(version: 1 | 2, params: URLSearchParams): AuthorizeRequest {
  const get = (name: string) => params.get(name) ?? '';
  const responseTypes = new Set(get('response_type').split(/\s+/).filter(Boolean));
  return {
    version,
    clientId: get('client_id').toLowerCase(),
    redirectUri: get('redirect_uri'),
    responseMode: responseMode(get('response_mode'), responseTypes),
    responseTypes,
    scope: get('scope'),
    state: params.get('state'),
    nonce: get('nonce'),
    codeChallenge: params.get('code_challenge') || null,
    codeChallengeMethod: get('code_challenge_method') || 'plain',
    hasClaims: get('claims') !== '',
    prompt: get('prompt'),
    loginHint: get('login_hint'),
  };
}

/** SharePoint's own principal returns to SharePoint hosts; any other application to loopback or to the native page. */
export function isRedirectAllowed(desk: Desk, asked: StandinRequest, wanted: AuthorizeRequest): boolean {
  const url = parseUrl(wanted.redirectUri);
  if (url === null) return false;
  if (wanted.clientId === SHAREPOINT_PRINCIPAL) {
    const isSite = hostKeyOfUrl(desk.hosts, wanted.redirectUri) !== null;
    return isSite && url.pathname.toLowerCase().endsWith('/_forms/default.aspx');
  }
  return isLoopback(url) || wanted.redirectUri === nativePage(desk, asked);
}

/** Where a native client without a listener of its own is sent; it reads the code from the address. */
export function nativePage(desk: Desk, asked: StandinRequest): string {
  return `${desk.hosts.originOf('login', asked)}/common/oauth2/nativeclient`;
}

/** The request's redirect with `fields` added as its response mode wants; for `query` and `fragment`. */
export function redirectWith(wanted: AuthorizeRequest, fields: Readonly<Record<string, string>>): string {
  const mark = wanted.responseMode === 'fragment' ? '#' : wanted.redirectUri.includes('?') ? '&' : '?';
  return `${wanted.redirectUri}${mark}${new URLSearchParams(fields)}`;
}

function responseMode(asked: string, responseTypes: ReadonlySet<string>): ResponseMode {
  if (asked === 'form_post' || asked === 'fragment' || asked === 'query') return asked;
  return responseTypes.has('id_token') ? 'fragment' : 'query';
}

function isLoopback(url: URL): boolean {
  return url.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
}
