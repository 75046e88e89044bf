/** What a request without a valid session gets, row by row of protocol notes 2.9, by the look of the client. */
import type { StandinRequest } from '../request.js';
import { pathPrefix, siteOfPath } from './addresses.js';
import { type ExtraHeaders, replyPage, replyRedirect, replyText } from './answers.js';
import { userNamePage } from './browser/pages.js';
import { ACCESS_DENIED_BROWSE_FIRST, bearerChallenge, idcrlChallenge, ofbaHeaders } from './challenges.js';
import {
  acceptsIdcrl,
  authorization,
  formsAccepted,
  isDriveApi,
  isRest,
  looksLikeBrowser,
} from './client-look.js';
import type { InvalidReason } from './contract.js';
import type { Desk } from './desk.js';
import { refuseNtlm } from './ntlm/handshake.js';

const P3P =
  'CP="ALL IND DSP COR ADM CONo CUR CUSo IVAo IVDo PSA PSD TAI TELo OUR SAMo CNT COM INT NAV ONL PHY PRE PUR UNI"';

const UNAUTHORIZED_CODE = '-2147024891, System.UnauthorizedAccessException';
const UNAUTHORIZED_TEXT = 'Attempted to perform an unauthorized operation.';
const REST_ERROR_XML =
  '<?xml version="1.0" encoding="utf-8"?><m:error xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">' +
  `<m:code>${UNAUTHORIZED_CODE}</m:code><m:message xml:lang="en-US">${UNAUTHORIZED_TEXT}</m:message></m:error>`;
const DRIVE_API_ERROR = {
  error: { code: 'unauthenticated', message: 'The caller is not authenticated.' },
};

export function refuse(desk: Desk, request: StandinRequest, reason: InvalidReason): Promise<void> {
  desk.log.add('session-refused', null, reason);
  if (desk.switches.ntlm) return refuseNtlm(desk, request);
  if (reason === 'transferred' && !mayRedirect(request)) return replyDenied(request, 401);
  if (reason === 'policy') return refuseByPolicy(desk, request);
  if (authorization(request, 'Bearer') !== null) return refuseBearer(desk, request, reason);
  if (acceptsIdcrl(request)) return refuseIdcrl(desk, request);
  if (isRest(request)) return refuseRest(desk, request, restHeaders(desk));
  if (request.method === 'GET' && desk.switches.loginPageWith200) {
    return replyPage(request, userNamePage({ action: '#', context: '', userName: '', error: null }));
  }
  if (mayRedirect(request)) return redirectToSignIn(desk, request);
  return replyForbidden(desk, request);
}

function mayRedirect(request: StandinRequest): boolean {
  return looksLikeBrowser(request) && !isRest(request) && formsAccepted(request) === null;
}

/** The row of a WebDAV client: a 403 of thirteen characters, and all the ways out in its headers. */
function replyForbidden(desk: Desk, request: StandinRequest): Promise<void> {
  return replyText(request, 403, '403 FORBIDDEN', {
    'Content-Type': 'text/plain; charset=utf-8',
    ...(formsAccepted(request) !== 'f' && ofbaHeaders(desk, request)),
    'X-MSDAVEXT_Error': ACCESS_DENIED_BROWSE_FIRST,
    'X-IDCRL_AUTH_PARAMS_V1': idcrlChallenge(desk, request, siteOfPath(request.path)),
    P3P,
    SPRequestGuid: request.id,
  });
}

/** Good cookies, and still the same code: no way out is offered that would help (protocol notes 2.9). */
function refuseByPolicy(desk: Desk, request: StandinRequest): Promise<void> {
  if (!isRest(request)) return replyForbidden(desk, request);
  return refuseRest(desk, request, { 'X-MSDAVEXT_Error': ACCESS_DENIED_BROWSE_FIRST });
}

function restHeaders(desk: Desk): ExtraHeaders {
  return desk.switches.restRefusalHeader ? { 'X-MSDAVEXT_Error': ACCESS_DENIED_BROWSE_FIRST } : {};
}

function replyDenied(request: StandinRequest, status: number): Promise<void> {
  return replyText(request, status, `${status} UNAUTHORIZED`, {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-MSDAVEXT_Error': ACCESS_DENIED_BROWSE_FIRST,
    SPRequestGuid: request.id,
  });
}

/** 401 with the whole challenge; 3000003 is what an audience of another host is diagnosed as. */
export function refuseBearer(desk: Desk, request: StandinRequest, reason: InvalidReason): Promise<void> {
  const diagnostics =
    reason === 'wrong-audience'
      ? '3000003;reason="Invalid audience Uri.";category="invalid_client"'
      : '3001000;reason="There has been an error authenticating the request.";category="invalid_client"';
  return replyText(request, 401, '{"error_description":"Invalid JWT token."}', {
    'Content-Type': 'application/json; charset=utf-8',
    'WWW-Authenticate': bearerChallenge(desk, request, reason),
    'x-ms-diagnostics': diagnostics,
    SPRequestGuid: request.id,
  });
}

function refuseIdcrl(desk: Desk, request: StandinRequest): Promise<void> {
  return replyText(request, 401, '401 UNAUTHORIZED', {
    'Content-Type': 'text/plain; charset=utf-8',
    'WWW-Authenticate': idcrlChallenge(desk, request, ''),
    SPRequestGuid: request.id,
  });
}

/** The error body in the form that the API and the Accept header ask for; XML when nothing asks. */
function refuseRest(desk: Desk, request: StandinRequest, extra: ExtraHeaders): Promise<void> {
  const headers = {
    'X-IDCRL_AUTH_PARAMS_V1': idcrlChallenge(desk, request, siteOfPath(request.path)),
    SPRequestGuid: request.id,
    ...extra,
  };
  const json = { 'Content-Type': 'application/json; charset=utf-8', ...headers };
  if (isDriveApi(request)) return replyText(request, 401, JSON.stringify(DRIVE_API_ERROR), json);
  const status = desk.switches.restRefusalStatus;
  const accept = (request.headers.accept ?? '').toLowerCase();
  if (!accept.includes('json')) {
    return replyText(request, status, REST_ERROR_XML, {
      'Content-Type': 'application/xml; charset=utf-8',
      ...headers,
    });
  }
  const wrapper = accept.includes('odata=verbose') ? 'error' : 'odata.error';
  const message = { lang: 'en-US', value: UNAUTHORIZED_TEXT };
  return replyText(
    request,
    status,
    JSON.stringify({ [wrapper]: { code: UNAUTHORIZED_CODE, message } }),
    json,
  );
}

/** Hop 1 of the browser flow (protocol notes 1g). */
function redirectToSignIn(desk: Desk, request: StandinRequest): Promise<void> {
  const site = siteOfPath(request.path);
  const asked = request.path.replace(/\/$/, '') || '/';
  const source = request.rawQuery === '' ? asked : `${asked}?${request.rawQuery}`;
  const prefix = pathPrefix(desk.hosts, request);
  const target = `${prefix}${site}/_layouts/15/Authenticate.aspx`;
  return replyRedirect(request, `${target}?Source=${encodeURIComponent(prefix + source)}`);
}
