import { defineSwitches } from '../switch-table.js';

/** The switches of sign-in and sessions; the server adds them to its own in `../switches.ts`. */
export const SIGN_IN_SWITCHES = defineSwitches({
  legacyAuth: { default: false, doc: 'extSTS, rst2 and idcrl.svc still work, as before 2026-05-01 (1i)' },
  legacyFaultStatus: { default: 200, doc: 'HTTP status of a SOAP fault: 200, 400 or 500 (1b)' },
  adfsAnswer: { default: 'assertion', values: ['assertion', 'html'], doc: 'what ADFS answers (1c)' },
  fedAuthLayout: {
    default: 'V13',
    values: ['V5', 'V13', 'V99'],
    hostile: 'V99',
    doc: 'layout of FedAuth (1j)',
  },
  fedAuthTruncated: { default: false, doc: 'FedAuth is cut base64 (T1.7)' },
  fedAuthSeconds: { default: 86_400, doc: 'lifetime of FedAuth (1j)' },
  reissueAfterSeconds: {
    default: 0,
    doc: 'a FedAuth older than this is followed by a new one on any answer; 0 never (1j: the service does)',
  },
  formsCookies: {
    default: 'both',
    values: ['both', 'FedAuth', 'rtFa'],
    doc: 'which cookies a sign-in sets (1d)',
  },
  spoidcrlSeconds: { default: 86_400, doc: 'lifetime of SPOIDCRL (1e2, unknown)' },
  accessTokenSeconds: { default: 4_500, doc: 'lifetime of an access token (1h)' },
  adminApproval: {
    default: false,
    doc: 'applications other than SharePoint need an admin: AADSTS90094 page, AADSTS65001 at the token endpoint (1e2)',
  },
  deviceCodeSeconds: { default: 900, doc: 'lifetime of a device code (1h)' },
  deviceIntervalSeconds: { default: 5, doc: 'polling faster than this is slow_down; 0 never (1h)' },
  sessionSeconds: { default: 86_400, doc: 'ESTSAUTH holds this long after its last use (1g)' },
  persistentSessionSeconds: {
    default: 7_776_000,
    doc: 'ESTSAUTHPERSISTENT and refresh tokens hold this long after their last use (1g, 1h)',
  },
  mfaCode: { default: '123456', doc: 'the code that the MFA page takes (1g)' },
  insufficientClaims: { default: false, doc: 'bearers are refused with a claims challenge (1h)' },
  bearerOnDav: { default: true, doc: 'WebDAV accepts a bearer (1h)' },
  ofbaReturnUrl: { default: true, doc: 'X-FORMS_BASED_AUTH_RETURN_URL on the 403 (1f)' },
  ofbaDialogSize: { default: '', doc: 'X-FORMS_BASED_AUTH_DIALOG_SIZE, e.g. 800x600 (1f)' },
  sessionBoundTo: {
    default: 'nothing',
    values: ['nothing', 'user-agent', 'address'],
    doc: 'cookies work only with the User-Agent or address of the sign-in (1g)',
  },
  policyBlock: { default: false, doc: 'valid sessions are refused with 917656 (2.9)' },
  restRefusalStatus: { default: 401, hostile: 403, doc: '_api without a session: 401 or 403 (2.9)' },
  restRefusalHeader: {
    default: false,
    hostile: true,
    doc: '_api without a session carries 917656 too (2.9)',
  },
  loginPageWith200: {
    default: false,
    doc: 'a GET without a session is 200 text/html of the login page (2.9)',
  },
  rtFaSeconds: { default: 432_000, doc: 'lifetime of rtFa, which tells none (1j); 0: that of FedAuth' },
  loginUnavailableNext: {
    default: 0,
    doc: 'this many of the next requests to the login host get a 503, AADSTS90033; counts down',
  },
  rtFaDomain: { default: '', doc: 'rtFa is set for this domain, also where the server is not of it (1d)' },
  rtFaRevoked: { default: false, doc: 'rtFa no longer signs in to sibling hosts (T1.12)' },
  renewalNeeds: {
    default: 'nothing',
    values: ['nothing', 'password', 'mfa', 'kmsi', 'terms'],
    doc: 'what the login host wants of a person although they are signed in (1g)',
  },
  keepSignedInPrompt: { default: true, doc: 'the login asks "Stay signed in?" (1g)' },
  ntlm: { default: false, doc: 'NTLM instead of cookies, HTTP/1.1, per connection (1k)' },
});
