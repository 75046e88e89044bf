/** What every way of signing in or renewing is given, and what it gives back. */
import type { Clock, Log } from '../../base/index.js';
import type { AccountJar } from './account-jar.js';
import type { LoginClient } from './login-client.js';
import type { PasswordBreaker } from './methods/password-breaker.js';
import type { SiteAddress } from './site-address.js';
import type { StoredTokens } from './store/stored-session.js';

export interface Attempt {
  readonly site: SiteAddress;
  readonly client: LoginClient;
  /** Through which alone passwords are sent. */
  readonly passwords: PasswordBreaker;
  readonly clock: Clock;
  readonly log: Log;
  /** The decorated name under which the drive's requests go (protocol notes 4). */
  readonly userAgent: string;
  /** The look under which sign-in pages are walked: sessions may be bound to it. Default: a browser's. */
  readonly pageUserAgent?: string | null;
  readonly signal: AbortSignal;
}

/** The secrets of a new session. What is left out stays as it was. */
export interface NewSecrets {
  readonly jar: AccountJar;
  readonly tokens?: StoredTokens;
  /** The login host's base, where the attempt learnt it. */
  readonly loginUrl?: string;
  readonly tenant?: string;
  /** The browser's own name, where one made the session: it may be bound to it. */
  readonly madeBy?: string;
}
