/** Where an account's sign-in is kept and with what it works: put together once, for all who sign in, renew or sign out. */
import { join } from 'node:path';
import type { Dispatcher } from 'undici';
import { type Clock, type Log, silentLog, systemClock } from '../../base/index.js';
import { DECORATED_USER_AGENT } from '../http/decorate-layer.js';
import { LoginClient } from './login-client.js';
import { PasswordBreaker } from './methods/password-breaker.js';
import { SiteAddress } from './site-address.js';
import type { Keyring } from './store/keyring.js';
import { keepMemoryOutOfCoreDumps } from './store/no-core-dumps.js';
import { PasswordLedger } from './store/password-ledger.js';
import { SealingKeys } from './store/sealing-key.js';
import { SealedVault, type SessionVault } from './store/session-vault.js';

export interface SessionPlaceOptions {
  /** What the browser shows: the site, any page or folder of it. */
  readonly siteUrl: string;
  /** The account's state directory; holds the sealed sign-in and, where no keyring is there, the key. */
  readonly stateDir: string;
  /** Shared by all accounts: what is remembered of wrong passwords. Default: the account's own. */
  readonly sharedDir?: string;
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
  /** Null where no other process can know the account: memory-only. */
  readonly lockPath: string | null;
  readonly client: LoginClient;
  readonly passwords: PasswordBreaker;
  readonly clock: Clock;
  readonly log: Log;
  readonly userAgent: string;
  readonly random: () => number;
  readonly lookEveryMs: number;
}

const LOOK_EVERY_MS = 30_000;

/** Begins with a dot, as no account's name does. */
const LEDGER_FILE = '.wrong-passwords';

export function sessionPlace(options: SessionPlaceOptions): SessionPlace {
  const { stateDir, dispatcher, clock = systemClock, log = silentLog } = options;
  keepMemoryOutOfCoreDumps();
  const ledger = join(options.sharedDir ?? stateDir, LEDGER_FILE);
  return {
    site: new SiteAddress(options.siteUrl),
    vault: options.vault ?? new SealedVault(stateDir, sealingKeys(options)),
    lockPath: options.vault ? null : join(stateDir, 'renewal.lock'),
    client: new LoginClient({ clock, log, ...(dispatcher ? { dispatcher } : {}) }),
    passwords: new PasswordBreaker(new PasswordLedger(ledger), `${ledger}.lock`),
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
