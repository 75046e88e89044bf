/**
 * Judges the error codes of the login host (protocol notes 1b). Codes are matched, never the English text, which is
 * localised and changes; what the server said goes into no message.
 */
import { SignInError, type SignInErrorKind } from './sign-in-error.js';

interface Verdict {
  readonly kind: SignInErrorKind;
  readonly message: string;
}

const WRONG_PASSWORD: Verdict = {
  kind: 'wrong-password',
  message:
    'wrong user name or password: run "odbfs login" and type it again (it was tried once and will not be resent)',
};
const LOCKED_OUT: Verdict = {
  kind: 'locked-out',
  message: 'the account is locked after too many wrong attempts: wait some minutes, then run "odbfs login"',
};
const MFA_NEEDED: Verdict = {
  kind: 'mfa-needed',
  message: 'this account asks for a second factor: run "odbfs login --method browser"',
};
const MFA_REGISTRATION: Verdict = {
  kind: 'mfa-needed',
  message:
    'this account has to set up a second factor first: run "odbfs login --method browser" and follow the pages',
};
const CONDITIONAL_ACCESS: Verdict = {
  kind: 'conditional-access',
  message:
    'blocked by a Conditional Access rule of the tenant: sign in with "odbfs login --method browser" on a device that it allows, or ask the administrator',
};
const UNKNOWN_USER: Verdict = {
  kind: 'unknown-user',
  message: 'the directory does not know this user: check the user name (user@organisation)',
};
const ADMIN_APPROVAL: Verdict = {
  kind: 'admin-approval',
  message:
    'an administrator has to approve this client id first: ask for it, or run "odbfs login --method browser", which needs no approval',
};
const SIGN_IN_AGAIN: Verdict = {
  kind: 'person-needed',
  message:
    'the sign-in has ended (expired, or revoked by a new password or an administrator): run "odbfs login"',
};
const PASSWORD_EXPIRED: Verdict = {
  kind: 'person-needed',
  message:
    'the password has expired and must be changed: run "odbfs login --method browser" and follow the pages',
};
const CLIENT_ID: Verdict = {
  kind: 'bad-input',
  message:
    'the client id is not known to this tenant or may not do this: check --client-id and --tenant, or use "--method browser"',
};
const DISABLED: Verdict = {
  kind: 'person-needed',
  message: 'the account is disabled: ask the administrator',
};

const PASSING: Verdict = { kind: 'unreachable', message: 'the login host has a fault of its own: try later' };

const BY_CODE: ReadonlyMap<number, Verdict> = new Map([
  [90033, PASSING],
  [90024, PASSING],
  [90055, PASSING],
  [50126, WRONG_PASSWORD],
  [50053, LOCKED_OUT],
  [50076, MFA_NEEDED],
  [50074, MFA_NEEDED],
  [50158, MFA_NEEDED],
  [50072, MFA_REGISTRATION],
  [50079, MFA_REGISTRATION],
  [53000, CONDITIONAL_ACCESS],
  [53001, CONDITIONAL_ACCESS],
  [53002, CONDITIONAL_ACCESS],
  [53003, CONDITIONAL_ACCESS],
  [50005, CONDITIONAL_ACCESS],
  [50105, CONDITIONAL_ACCESS],
  [50034, UNKNOWN_USER],
  [50020, UNKNOWN_USER],
  [51004, UNKNOWN_USER],
  [90072, UNKNOWN_USER],
  [65001, ADMIN_APPROVAL],
  [65005, ADMIN_APPROVAL],
  [90094, ADMIN_APPROVAL],
  [90093, ADMIN_APPROVAL],
  [
    65004,
    { kind: 'declined', message: 'the permission was declined in the browser: run "odbfs login" again' },
  ],
  [50055, PASSWORD_EXPIRED],
  [50144, PASSWORD_EXPIRED],
  [50057, DISABLED],
  [50132, SIGN_IN_AGAIN],
  [50133, SIGN_IN_AGAIN],
  [50173, SIGN_IN_AGAIN],
  [50078, SIGN_IN_AGAIN],
  [50089, SIGN_IN_AGAIN],
  [54005, SIGN_IN_AGAIN],
  [70000, SIGN_IN_AGAIN],
  [70008, SIGN_IN_AGAIN],
  [70043, SIGN_IN_AGAIN],
  [70044, SIGN_IN_AGAIN],
  [700082, SIGN_IN_AGAIN],
  [700084, SIGN_IN_AGAIN],
  [700016, CLIENT_ID],
  [7000218, CLIENT_ID],
  [90002, { kind: 'bad-input', message: 'there is no such tenant: check --tenant' }],
  [
    50011,
    {
      kind: 'bad-input',
      message: 'the client id does not allow http://localhost as a redirect: add it to the registration',
    },
  ],
]);

/** The number in `AADSTS50126`, or null. */
export function aadstsCodeIn(text: string): number | null {
  const match = /AADSTS(\d{4,9})/.exec(text);
  return match ? Number(match[1]) : null;
}

/** What an answer of the login host means, or null when it names no code. */
export function errorFromAadsts(text: string): SignInError | null {
  const code = aadstsCodeIn(text);
  if (code === null) return null;
  const verdict = BY_CODE.get(code) ?? {
    kind: 'person-needed',
    message: 'the login host refused the sign-in: run "odbfs login --method browser" to see why',
  };
  return new SignInError(verdict.kind, `${verdict.message} [AADSTS${code}]`, { aadsts: code });
}
