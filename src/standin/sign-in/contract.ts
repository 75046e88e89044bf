/**
 * What the stand-in's server and its sign-in room expect of one another. The server gives a `SignInContext` once and
 * a `StandinRequest` per request; the sign-in room answers everything that belongs to signing in, says whose session a
 * request carries, and writes the refusal of an invalid one.
 */
import type { StandinClock } from '../clock.js';
import type { Directory, StandinUser } from '../directory.js';
import type { Hosts } from '../hosts.js';
import type { RandomSource } from '../random-source.js';
import type { StandinRequest } from '../request.js';
import type { Switches } from '../switches.js';
import type { SignInLog } from './sign-in-log.js';

/** Everything that sign-in shares with the rest of the stand-in. */
export interface SignInContext {
  readonly clock: StandinClock;
  /** Live: read a switch at the moment it matters, never copy it. */
  readonly switches: Switches;
  readonly directory: Directory;
  readonly hosts: Hosts;
  readonly random: RandomSource;
  /** The tenant's id as it stands in tokens, cookies and authorize URLs: a lower-case GUID. */
  readonly tenantId: string;
  /** Keeps sessions over restarts. Default: they end with the stand-in. */
  readonly stateDir?: string;
}

/** Whose request it is, and by what proof: a digest is asked of cookies only (protocol notes 3.1, 3.7). */
export interface Session {
  readonly user: StandinUser;
  readonly proof: 'cookie' | 'bearer' | 'ntlm';
}

/** Why a request has no session; `refuse` turns it into the answer of protocol notes 2.9. */
export type InvalidReason =
  | 'absent'
  | 'malformed'
  | 'expired'
  | 'revoked'
  | 'transferred'
  | 'policy'
  | 'bad-bearer'
  | 'wrong-audience'
  | 'insufficient-claims';

export type SessionOrRefusal = Session | { readonly invalid: InvalidReason };

export interface SignIn {
  /** Every attempt, wrong password, renewal and refusal: what the control endpoint reports. */
  readonly log: SignInLog;

  /**
   * Answers the requests of sign-in itself: all of the login and adfs hosts, and on SharePoint hosts `/_forms/*`,
   * `.../_layouts/15/Authenticate.aspx`, `.../_vti_bin/idcrl.svc/*`, `.../_api/SP.OAuth.NativeClient/Authenticate`,
   * `/_trust/*`, the bare-`Bearer` discovery at `/_vti_bin/client.svc`. True when it has replied; false leaves the
   * request untouched (its body unread).
   */
  handle(request: StandinRequest): Promise<boolean>;

  /** Whose session the request carries by the clock's present time. Reads headers only. */
  sessionOf(request: StandinRequest): SessionOrRefusal;

  /** The same request, whose answer will bring a new FedAuth where the session's is due for one (protocol notes 1j). */
  renewing(request: StandinRequest): StandinRequest;

  /** Writes the answer that an invalid session gets (protocol notes 2.9), by the look of the client. */
  refuse(request: StandinRequest, reason: InvalidReason): Promise<void>;

  /** A ready `Cookie` header value with a valid session of `user` on the SharePoint hosts, as if signed in now. */
  issueCookies(user: StandinUser): string;

  /** A ready access token of `user` for `audience` (a SharePoint origin), as if redeemed now. */
  issueAccessToken(user: StandinUser, audience: string): string;

  /** Ends every session that exists now: `cookies` those of SharePoint alone, `all` those of the login host too. */
  expire(what: 'cookies' | 'tokens' | 'all'): void;

  /** Lets go of what is on disk. */
  close(): void;
}

/** What `sign-in/index.ts` exports under the name `createSignIn`. */
export type CreateSignIn = (context: SignInContext) => SignIn;
