/**
 * Where the key comes from that seals an account's sign-in: the desktop keyring when one is there, else a systemd
 * credential, else a key file made at first use beside the state (0600). A sealed file names its source; it is opened
 * with that one only, so that a missing keyring is said plainly and never taken for damage.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SignInError } from '../sign-in-error.js';
import { writeDurably } from './durable-write.js';
import { desktopKeyring, type Keyring } from './keyring.js';
import { KEY_BYTES, type KeySource } from './sealed-box.js';

export interface SealingKeysOptions {
  /** The account's state directory. */
  readonly stateDir: string;
  /** systemd's `$CREDENTIALS_DIRECTORY`; the credential is named `odbfs-key`. */
  readonly credentialsDir?: string | undefined;
  readonly keyring?: Keyring;
}

const CREDENTIAL_NAME = 'odbfs-key';
const KEY_FILE = 'sign-in.key';

export class SealingKeys {
  readonly #options: SealingKeysOptions;
  readonly #keyring: Keyring;

  constructor(options: SealingKeysOptions) {
    this.#options = options;
    this.#keyring = options.keyring ?? desktopKeyring();
  }

  /** The key that new boxes are sealed with; makes one at first use. */
  async current(): Promise<{ readonly source: KeySource; readonly key: Buffer }> {
    if (this.#keyring.mayPrompt) {
      const key = await this.#fromOrNewInKeyring();
      if (key) return { source: 'keyring', key };
    }
    const credential = await this.#fromCredential();
    if (credential) return { source: 'credential', key: credential };
    return { source: 'file', key: (await this.#fromFile()) ?? (await this.#newFile()) };
  }

  /** The key of an existing box. Throws SignInError('unavailable') when its source does not give it. */
  async from(source: KeySource): Promise<Buffer> {
    const key = await this.#ask(source);
    if (key) return key;
    throw new SignInError('unavailable', `${MISSING[source]}, or run "odbfs login" again`);
  }

  /** A service that is given a credential shall not go on with a key that lies beside the lock. */
  async betterThan(source: KeySource): Promise<{ readonly source: KeySource; readonly key: Buffer } | null> {
    const credential = source === 'file' ? await this.#fromCredential() : null;
    return credential && { source: 'credential', key: credential };
  }

  async forgetFile(): Promise<void> {
    await rm(this.#keyFile, { force: true });
  }

  /** Removes what was made for this account; a systemd credential is not ours to remove. */
  async forget(): Promise<void> {
    await rm(this.#keyFile, { force: true });
    if (this.#keyring.mayExist) await this.#keyring.remove(this.#keyringAccount);
  }

  #ask(source: KeySource): Promise<Buffer | null> {
    if (source === 'keyring') return this.#fromKeyring();
    return source === 'credential' ? this.#fromCredential() : this.#fromFile();
  }

  async #fromKeyring(): Promise<Buffer | null> {
    if (!this.#keyring.mayExist) return null;
    const stored = await this.#keyring.read(this.#keyringAccount);
    if (stored === null || stored === 'unavailable') return null;
    return wholeKey(Buffer.from(stored, 'base64'));
  }

  /** A keyring that did not answer may hold a key all the same: then nothing is written over it. */
  async #fromOrNewInKeyring(): Promise<Buffer | null> {
    const stored = await this.#keyring.read(this.#keyringAccount);
    if (stored === 'unavailable') return null;
    const known = stored === null ? null : wholeKey(Buffer.from(stored, 'base64'));
    if (known) return known;
    const key = randomBytes(KEY_BYTES);
    const kept = await this.#keyring.write(this.#keyringAccount, key.toString('base64'));
    return kept ? key : null;
  }

  /** Any length of at least 16 bytes will do, as an administrator may write a pass phrase there. */
  async #fromCredential(): Promise<Buffer | null> {
    if (!this.#options.credentialsDir) return null;
    const bytes = await readIfThere(join(this.#options.credentialsDir, CREDENTIAL_NAME));
    if (!bytes || bytes.length < 16) return null;
    return createHash('sha256').update('odbfs sealing key\0').update(bytes).digest();
  }

  async #fromFile(): Promise<Buffer | null> {
    const bytes = await readIfThere(this.#keyFile);
    return bytes ? wholeKey(bytes) : null;
  }

  async #newFile(): Promise<Buffer> {
    const key = randomBytes(KEY_BYTES);
    await writeDurably(this.#keyFile, key);
    return key;
  }

  get #keyFile(): string {
    return join(this.#options.stateDir, KEY_FILE);
  }

  get #keyringAccount(): string {
    return this.#options.stateDir;
  }
}

const MISSING: Record<KeySource, string> = {
  keyring: 'the sign-in is sealed with the desktop keyring, which does not answer: unlock it',
  credential: `the sign-in is sealed with the systemd credential "${CREDENTIAL_NAME}", which is not given: add it to the unit`,
  file: `the key file ${KEY_FILE} beside the sealed sign-in is missing: restore it`,
};

function wholeKey(bytes: Buffer): Buffer | null {
  return bytes.length === KEY_BYTES ? bytes : null;
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code === 'ENOENT') return null;
    throw new SignInError('unavailable', `can't read ${path} (${error.code}): see to it`, { cause: error });
  }
}
