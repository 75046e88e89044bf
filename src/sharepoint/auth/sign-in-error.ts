/**
 * The one type of everything that can go wrong while signing in or renewing. The message is one clear line for a person:
 * what, why, what to do. It never holds a secret, nor what a server said word for word, nor the query of a URL.
 */

/**
 * Why there is no session. A closed set: a new kind fails to compile wherever kinds are judged.
 *
 * - `wrong-password`      the user name or password was refused; the same pair is never sent again
 * - `locked-out`          the account is locked for some minutes, or too many wrong passwords were tried from here
 * - `mfa-needed`          a second factor is asked for, which this way of signing in can't give
 * - `conditional-access`  the tenant's rules do not let this device or program in
 * - `unknown-user`        the directory does not know this user
 * - `federated-mismatch`  the domain signs in elsewhere, and not the way that was tried
 * - `legacy-off`          sign-in by password is switched off for the tenant
 * - `admin-approval`      an administrator has to allow the program first
 * - `declined`            the person said no, or let the time run out
 * - `person-needed`       silent renewal is over: somebody has to sign in
 * - `policy-blocked`      a fresh, good session is refused all the same
 * - `not-transferable`    the session works where it was made (a browser) but not from here
 * - `no-access`           signed in, but this user may not open this site
 * - `unreachable`         no answer: network, name service, time-out, 5xx
 * - `bad-input`           what was given (cookies, URL, options) can't be used
 * - `unavailable`         something needed is not on this machine: a browser, a display, the keyring
 * - `damaged`             the sealed file can't be read
 * - `protocol`            an answer that we do not understand
 */
export type SignInErrorKind =
  | 'wrong-password'
  | 'locked-out'
  | 'mfa-needed'
  | 'conditional-access'
  | 'unknown-user'
  | 'federated-mismatch'
  | 'legacy-off'
  | 'admin-approval'
  | 'declined'
  | 'person-needed'
  | 'policy-blocked'
  | 'not-transferable'
  | 'no-access'
  | 'unreachable'
  | 'bad-input'
  | 'unavailable'
  | 'damaged'
  | 'protocol';

export interface SignInErrorDetails {
  readonly cause?: unknown;
  /** The number of an `AADSTS` error, where the login host named one. */
  readonly aadsts?: number;
  /** The server was never reached: nothing of the request can have arrived. */
  readonly wasNotSent?: boolean;
  /** For so long the server asked not to be asked. */
  readonly retryAfterMs?: number;
}

export class SignInError extends Error {
  override readonly name = 'SignInError';
  readonly kind: SignInErrorKind;
  readonly aadsts: number | undefined;
  readonly wasNotSent: boolean;
  readonly retryAfterMs: number;

  constructor(kind: SignInErrorKind, message: string, details: SignInErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.aadsts = details.aadsts;
    this.wasNotSent = details.wasNotSent ?? false;
    this.retryAfterMs = details.retryAfterMs ?? 0;
  }
}

/** What a failed attempt means for the next one. */
export type Recourse = 'later' | 'person' | 'never';

const RECOURSE: Record<SignInErrorKind, Recourse> = {
  'wrong-password': 'person',
  'locked-out': 'person',
  'mfa-needed': 'person',
  'conditional-access': 'person',
  'unknown-user': 'person',
  'federated-mismatch': 'person',
  'legacy-off': 'person',
  'admin-approval': 'person',
  declined: 'person',
  'person-needed': 'person',
  'policy-blocked': 'never',
  'not-transferable': 'never',
  'no-access': 'person',
  unreachable: 'later',
  'bad-input': 'person',
  unavailable: 'person',
  damaged: 'person',
  // A page that we don't understand may be a passing fault of the login host, but asking again and again is no cure.
  protocol: 'person',
};

/** `later`: try again after a pause; `person`: only a person helps; `never`: not even signing in again does. */
export function recourseOf(error: unknown): Recourse {
  if (!(error instanceof SignInError)) return 'later';
  // Our own caution, on account of others: what is held may be as good as ever.
  if (error.kind === 'locked-out' && error.wasNotSent) return 'later';
  return RECOURSE[error.kind];
}
