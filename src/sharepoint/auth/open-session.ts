/** Puts an account's session together: where its secrets are sealed, how it reaches the servers, who keeps it fresh. */
import { join } from 'node:path';
import type { Dispatcher } from 'undici';
import { type Clock, type Log, silentLog, systemClock } from '../../base/index.js';
import { DECORATED_USER_AGENT } from '../http/decorate-layer.js';
import { LoginClient } from './login-client.js';
import { AccountSession } from './session/account-session.js';
import { SiteAddress } from './site-address.js';
import type { Keyring } from './store/keyring.js';
import { keepMemoryOutOfCoreDumps } from './store/no-core-dumps.js';
import { SealingKeys } from './store/sealing-key.js';
import { SealedVault, type SessionVault } from './store/session-vault.js';

export interface SessionPlaceOptions {
  /** What the browser shows: the site, any page or folder of it. */
  readonly siteUrl: string;
  /** The account's state directory; holds the sealed sign-in and, where no keyring is there, the key. */
  readonly stateDir: string;
  /** Instead of a sealed file; a `MemoryVault` keeps nothing after the process. */
  readonly vault?: SessionVault;
  readonly clock?: Clock;
  readonly log?: Log;
  /** For sign-in requests; default undici's own. */
  readonly dispatcher?: Dispatcher;
  /** Decorated (protocol notes 4). */
  readonly userAgent?: string;
  /** In [0, 1); for jitter. */
  readonly random?: () => number;
  /** How often the keeper looks at the clock, which no timer follows through suspend, and at the sealed file. */
  readonly lookEveryMs?: number;
  /** systemd's; default `$CREDENTIALS_DIRECTORY`. */
  readonly credentialsDir?: string;
  readonly keyring?: Keyring;
}

export interface SessionPlace {
  readonly site: SiteAddress;
  readonly vault: SessionVault;
  readonly lockPath: string | null;
  readonly client: LoginClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly userAgent: string;
  readonly random: () => number;
  readonly lookEveryMs: number;
}

const LOOK_EVERY_MS = 30_000;

/**
 * The session of an account. Opens whatever is there: without a sign-in, or with one that can't be read, it is
 * `signed-out`, says why, and heals when somebody signs in. The caller runs the keeper: `tasks.start('sign-in',
 * (signal) => session.run(signal))`.
 */
export async function openSession(options: SessionPlaceOptions): Promise<AccountSession> {
  const session = new AccountSession(sessionPlace(options));
  await session.open();
  return session;
}

export function sessionPlace(options: SessionPlaceOptions): SessionPlace {
  const { stateDir, dispatcher, clock = systemClock, log = silentLog } = options;
  keepMemoryOutOfCoreDumps();
  return {
    site: new SiteAddress(options.siteUrl),
    vault: options.vault ?? new SealedVault(stateDir, sealingKeys(options)),
    lockPath: options.vault ? null : join(stateDir, 'sign-in.lock'),
    client: new LoginClient({ clock, log, ...(dispatcher ? { dispatcher } : {}) }),
    clock,
    log,
    userAgent: options.userAgent ?? DECORATED_USER_AGENT,
    random: options.random ?? Math.random,
    lookEveryMs: options.lookEveryMs ?? LOOK_EVERY_MS,
  };
}

function sealingKeys({ stateDir, credentialsDir, keyring }: SessionPlaceOptions): SealingKeys {
  return new SealingKeys({
    stateDir,
    credentialsDir: credentialsDir ?? process.env.CREDENTIALS_DIRECTORY,
    ...(keyring ? { keyring } : {}),
  });
}
