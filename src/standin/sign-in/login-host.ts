/** Who answers which path of the login host, and of ADFS. Paths are compared in lower case. */
import type { StandinRequest } from '../request.js';
import { aadstsText } from './aadsts.js';
import { plainPath } from './addresses.js';
import { replyJson, replyPage } from './answers.js';
import { adfsForm, returnFromAdfs } from './browser/adfs-form.js';
import { authorize } from './browser/authorize.js';
import { postKeepSignedIn, postLogin, postMfa, postTerms } from './browser/login-forms.js';
import { errorPage, messagePage } from './browser/pages.js';
import { MFA_PATH, TERMS_PATH } from './browser/proceed.js';
import { signOutOfLogin } from './browser/sign-out.js';
import type { Desk } from './desk.js';
import { adfsTrust } from './legacy/adfs-trust.js';
import { issueCompactToken } from './legacy/security-token-service.js';
import { userRealm } from './legacy/user-realm.js';
import { CONFIRM_PATH, postConfirmDevice } from './oauth/confirm-device.js';
import { startDeviceCode } from './oauth/device-code.js';
import { deviceCodePage, VERIFICATION_PATH } from './oauth/device-pages.js';
import { token } from './oauth/token-endpoint.js';

type Answerer = (desk: Desk, request: StandinRequest) => Promise<void>;

const ROOT_PATHS: Readonly<Record<string, Answerer>> = {
  '/getuserrealm.srf': userRealm,
  '/extsts.srf': issueCompactToken,
  '/rst2.srf': issueCompactToken,
  '/login.srf': returnFromAdfs,
  '/kmsi': postKeepSignedIn,
  [MFA_PATH.toLowerCase()]: postMfa,
  [TERMS_PATH]: postTerms,
  '/common/oauth2/nativeclient': (_, request) => replyPage(request, messagePage('', '')),
  [VERIFICATION_PATH]: deviceCodePage,
  [CONFIRM_PATH]: postConfirmDevice,
};

/** Behind `/{tenant}`, which may be its id, a domain, `common` or `organizations`. */
const TENANT_PATHS: Readonly<Record<string, Answerer>> = {
  '/login': postLogin,
  '/oauth2/authorize': (desk, request) => authorize(desk, request, 1),
  '/oauth2/v2.0/authorize': (desk, request) => authorize(desk, request, 2),
  '/oauth2/v2.0/token': token,
  '/oauth2/v2.0/devicecode': startDeviceCode,
  '/oauth2/logout': signOutOfLogin,
  '/oauth2/v2.0/logout': signOutOfLogin,
  '/v2.0/.well-known/openid-configuration': discovery,
};

const ADFS_PATHS: Readonly<Record<string, Answerer>> = {
  '/adfs/ls': adfsForm,
  '/adfs/services/trust/2005/usernamemixed': (desk, request) => adfsTrust(desk, request, '2005'),
  '/adfs/services/trust/13/usernamemixed': (desk, request) => adfsTrust(desk, request, '13'),
};

export function answerLoginHost(desk: Desk, request: StandinRequest): Promise<void> {
  const path = plainPath(request);
  const inTenant = /^\/[^/]+(\/.*)$/.exec(path)?.[1] ?? '';
  const answer = ROOT_PATHS[path] ?? TENANT_PATHS[inTenant];
  return answer === undefined ? notFound(request) : answer(desk, request);
}

/** The switch `loginUnavailableNext`: a passing trouble that says nothing about anybody's sign-in. */
export async function refuseUnavailable(desk: Desk, request: StandinRequest): Promise<boolean> {
  if (desk.switches.loginUnavailableNext <= 0) return false;
  desk.switches.loginUnavailableNext--;
  const isToken = plainPath(request).includes('/oauth2/v2.0/') && request.method === 'POST';
  if (isToken) {
    const body = {
      error: 'temporarily_unavailable',
      error_description: aadstsText(90033),
      error_codes: [90033],
    };
    await replyJson(request, 503, body);
  } else await replyPage(request, errorPage(aadstsText(90033)), {}, 503);
  return true;
}

export function answerAdfs(desk: Desk, request: StandinRequest): Promise<void> {
  const answer = ADFS_PATHS[plainPath(request).replace(/\/$/, '')];
  return answer === undefined ? notFound(request) : answer(desk, request);
}

function notFound(request: StandinRequest): Promise<void> {
  return replyPage(request, errorPage('AADSTS900561: The endpoint does not exist.'), {}, 404);
}

function discovery(desk: Desk, request: StandinRequest): Promise<void> {
  const base = `${desk.hosts.originOf('login', request)}/${request.path.split('/')[1]}`;
  return replyJson(request, 200, {
    issuer: `${desk.hosts.originOf('login', request)}/${desk.tenantId}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    code_challenge_methods_supported: ['S256', 'plain'],
    response_modes_supported: ['query', 'fragment', 'form_post'],
  });
}
