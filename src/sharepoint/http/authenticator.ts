/**
 * What the HTTP layers ask of whoever holds the sign-in. An authenticator knows secrets and how to renew them; it does
 * not repeat requests (the session layer does) and does not judge answers (`wire/not-signed-in.ts` does).
 */

/** Counts sessions: grows whenever the secrets change. Tells a rejection of the present session from a late one. */
export type SessionStamp = number;

export interface SignedHeaders {
  /** Lower-case names; `cookie` and/or `authorization`. Empty where the host of the request is not ours to sign. */
  readonly headers: Readonly<Record<string, string>>;
  readonly stamp: SessionStamp;
  /** Signed by an OAuth token: REST writes need no request digest (protocol notes 3.1). */
  readonly bearer: boolean;
}

/** How the server said "not signed in" (protocol notes 2.9), row by row. */
export type ChallengeKind =
  /** 403 (or 401) with OFBA headers, with X-MSDAVEXT_Error 917656, or with X-IDCRL_AUTH_PARAMS_V1. */
  | 'forms'
  /** 401 + WWW-Authenticate: IDCRL. */
  | 'idcrl'
  /** 401 + WWW-Authenticate: Bearer. */
  | 'bearer'
  /** 401 + WWW-Authenticate: Basic. */
  | 'basic'
  /** 302 to a sign-in page. */
  | 'redirect'
  /** 200 with the HTML of a sign-in page. */
  | 'page'
  /** REST 401 or 403 with -2147024891, and the session turned out to be dead. */
  | 'rest'
  /** 401 that says nothing more. */
  | 'bare';

export interface Challenge {
  readonly kind: ChallengeKind;
  readonly status: number;
  readonly url: URL;
  /** The decimal code of X-MSDAVEXT_Error; 917656 is also what tenant policy sends to a perfectly good session. */
  readonly davError: number | null;
  /** The header as it came (it holds no secret); for `error="insufficient_claims"` and its claims. */
  readonly wwwAuthenticate: string | null;
}

export interface Authenticator {
  /**
   * The headers that sign in a request to `url`. May wait for a renewal that is under way. Throws
   * DriveError('signed-out') at once when only a person can help. Headers go to no foreign host.
   */
  apply(url: URL, signal: AbortSignal): Promise<SignedHeaders>;

  /**
   * The server refused a request that was signed with session `stamp`. Resolves when there is a newer session and the
   * request may be repeated: at once if one exists already, else after one renewal shared by all who wait. Throws
   * DriveError: `signed-out` when a person has to sign in, or a fresh session is refused as well (blocked by policy,
   * protocol notes 2.9), `denied` for a host of its own that takes no sign-in of ours, `unreachable` when the sign-in
   * servers can't be reached.
   */
  rejected(challenge: Challenge, stamp: SessionStamp, signal: AbortSignal): Promise<void>;

  /** Takes note that a request to `url` under session `stamp` was not refused. */
  accepted?(url: URL, stamp: SessionStamp): void;

  /** Takes note of cookies that a server set in passing, each the value of one Set-Cookie header. */
  absorb(url: URL, setCookies: readonly string[]): void;
}
