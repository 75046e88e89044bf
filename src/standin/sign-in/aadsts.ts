/** The login service's error codes that the stand-in gives, with a text that clients should not look at (1b). */

const TEXTS = {
  28000:
    'Provided value for the input parameter scope is not valid because it contains more than one resource.',
  50011: 'The redirect URI specified in the request does not match the redirect URIs configured.',
  50034:
    'The user account does not exist in the directory. To sign into this application, the account must be added.',
  50053:
    'The account is locked, you have tried to sign in too many times with an incorrect user ID or password.',
  50058: 'A silent sign-in request was sent but no user is signed in.',
  50076:
    'Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource.',
  50079:
    'Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication.',
  50126: 'Error validating credentials due to invalid username or password.',
  50173: 'The provided grant has expired due to it being revoked, a fresh auth token is needed.',
  53003:
    'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
  54005: 'OAuth2 Authorization code was already redeemed, please retry with a new valid code.',
  65001: 'The user or administrator has not consented to use the application.',
  65004: 'User declined to consent to access the app.',
  65005: 'The application is not supported in this tenant: its domain is unmanaged.',
  70000: 'Provided grant is invalid or malformed.',
  70003: 'The app returned an unsupported grant type.',
  70008: 'The provided authorization code or refresh token has expired due to inactivity.',
  70011: 'The provided value for the input parameter scope is not valid.',
  70016: 'OAuth 2.0 device flow error. Authorization is pending. Continue polling.',
  70019: 'Verification code expired.',
  70018: 'Invalid verification code due to User typing in wrong user code for device code flow.',
  70020: 'The provided value for the input parameter device_code is not valid.',
  90014: 'The required field is missing from the request.',
  90033: 'A transient error has occurred. Please try again.',
  90094: 'The grant requires administrator permission.',
  500011: 'The resource principal was not found in the tenant.',
  501481: 'The Code_Verifier does not match the code_challenge supplied in the authorization request.',
  700005: 'Provided authorization code is intended to use against another client or redirect URI.',
  700082: 'The refresh token has expired due to inactivity.',
  900144: 'The request body must contain the following parameter.',
  9002325: 'Proof Key for Code Exchange is required for authorization code redemption.',
} as const;

export type AadstsCode = keyof typeof TEXTS;

/** `AADSTS50126: Error validating credentials …` */
export function aadstsText(code: AadstsCode): string {
  return `AADSTS${code}: ${TEXTS[code]}`;
}
