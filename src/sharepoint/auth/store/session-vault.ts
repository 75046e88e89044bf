/**
 * Keeps an account's `StoredSession`: sealed on disk, or in memory alone. Saving is atomic and durable; reading says
 * "sign in again" when the file is damaged, and never throws anything but SignInError for what it finds there.
 */
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SignInError } from '../sign-in-error.js';
import { syncFolder, writeDurably } from './durable-write.js';
import { BrokenSeal, type KeySource, keySourceOf, open, seal } from './sealed-box.js';
import type { SealingKeys } from './sealing-key.js';
import { parseStoredSession, type StoredSession } from './stored-session.js';

export interface SessionVault {
  /** Null when nobody signed in yet. */
  load(): Promise<StoredSession | null>;
  save(session: StoredSession): Promise<void>;
  /** Removes the session and the key made for it. */
  remove(): Promise<void>;
  /** Changes whenever somebody saved; cheap enough to ask now and then. */
  revision(): Promise<string | null>;
}

export const SEALED_FILE = 'sign-in.sealed';

/** A jar and some tokens; anything larger is not ours. */
const MAX_FILE_BYTES = 1024 * 1024;

export class SealedVault implements SessionVault {
  readonly #stateDir: string;
  readonly #keys: SealingKeys;
  #sealing: { readonly source: KeySource; readonly key: Buffer } | null = null;

  constructor(stateDir: string, keys: SealingKeys) {
    this.#stateDir = stateDir;
    this.#keys = keys;
  }

  async load(): Promise<StoredSession | null> {
    const box = await this.#read();
    if (box === null) return null;
    const session = parseStoredSession((await this.#open(box)).toString('utf8'));
    if (session) return session;
    throw damaged();
  }

  async save(session: StoredSession): Promise<void> {
    // The source that a session was opened with stays: a headless daemon must not move the key out of the keyring.
    const before = this.#sealing;
    this.#sealing =
      (before && (await this.#keys.betterThan(before.source))) ?? before ?? (await this.#keys.current());
    const { source, key } = this.#sealing;
    await writeDurably(this.#path, seal(Buffer.from(JSON.stringify(session)), key, source));
    if (before?.source === 'file' && source !== 'file') await this.#keys.forgetFile();
  }

  async remove(): Promise<void> {
    this.#sealing = null;
    await rm(this.#path, { force: true });
    await this.#keys.forget();
    await syncFolder(this.#stateDir).catch(() => undefined);
  }

  async revision(): Promise<string | null> {
    try {
      const { ino, mtimeMs, size } = await stat(this.#path);
      return `${ino}:${mtimeMs}:${size}`;
    } catch {
      return null;
    }
  }

  async #read(): Promise<Buffer | null> {
    try {
      if ((await stat(this.#path)).size > MAX_FILE_BYTES) throw damaged();
      return await readFile(this.#path);
    } catch (error) {
      if (error instanceof SignInError || !(error instanceof Error && 'code' in error)) throw error;
      if (error.code === 'ENOENT') return null;
      throw new SignInError('unavailable', `can't read ${this.#path} (${error.code}): see to it`, {
        cause: error,
      });
    }
  }

  async #open(box: Buffer): Promise<Buffer> {
    try {
      return this.#openWithKnownKey(box) ?? (await this.#openWithAskedKey(box));
    } catch (error) {
      if (error instanceof BrokenSeal) throw damaged(error);
      throw error;
    }
  }

  /** Null when the key changed since: somebody signed out and in again. */
  #openWithKnownKey(box: Buffer): Buffer | null {
    if (this.#sealing?.source !== keySourceOf(box)) return null;
    try {
      return open(box, this.#sealing.key);
    } catch {
      return null;
    }
  }

  async #openWithAskedKey(box: Buffer): Promise<Buffer> {
    const source = keySourceOf(box);
    const key = await this.#keys.from(source);
    const plain = open(box, key);
    this.#sealing = { source, key };
    return plain;
  }

  get #path(): string {
    return join(this.#stateDir, SEALED_FILE);
  }
}

/** Forgets with the process. */
export class MemoryVault implements SessionVault {
  #session: StoredSession | null = null;
  #revision = 0;

  async load(): Promise<StoredSession | null> {
    return this.#session;
  }

  async save(session: StoredSession): Promise<void> {
    this.#session = session;
    this.#revision += 1;
  }

  async remove(): Promise<void> {
    this.#session = null;
    this.#revision += 1;
  }

  async revision(): Promise<string | null> {
    return String(this.#revision);
  }
}

function damaged(cause?: unknown): SignInError {
  return new SignInError(
    'damaged',
    `the sealed sign-in (${SEALED_FILE}) can't be read: run "odbfs login" again`,
    {
      cause,
    },
  );
}
