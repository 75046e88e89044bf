/**
 * Chunked uploads that are under way (protocol notes 3.3): bytes are gathered aside and become the file's content in
 * one step at the end. A session that rests for 30 minutes is gone.
 */
import type { StandinClock } from '../clock.js';
import type { Content } from '../store/content.js';
import type { ContentParts, ContentVault } from '../store/content-vault.js';
import { RestError } from './rest-error.js';

const REST_LIMIT_MS = 30 * 60 * 1000;
/** Sessions at once; the one that rested longest goes first. */
const SESSION_LIMIT = 1000;

export interface UploadSession {
  readonly id: string;
  /** The file that the session is for, by place. */
  readonly names: readonly string[];
  /** StartUpload made the file itself. */
  readonly madeFile: boolean;
  readonly parts: ContentParts;
  expiresMs: number;
}

export class UploadSessions {
  readonly #clock: StandinClock;
  readonly #vault: ContentVault;
  readonly #sessions = new Map<string, UploadSession>();

  constructor(clock: StandinClock, vault: ContentVault) {
    this.#clock = clock;
    this.#vault = vault;
  }

  /** A session of the same id begins anew. */
  async start(site: string, id: string, names: readonly string[], madeFile: boolean): Promise<UploadSession> {
    await this.#makeRoom();
    await this.end(site, id);
    const session = { id, names, madeFile, parts: this.#vault.startParts(), expiresMs: this.#later() };
    this.#sessions.set(keyOf(site, id), session);
    return session;
  }

  /** Throws the service's error when there is none, or none any more. */
  get(site: string, id: string): UploadSession {
    const session = this.#sessions.get(keyOf(site, id));
    if (session !== undefined && session.expiresMs > this.#clock.now()) return session;
    throw new RestError(
      404,
      '-2147024894, System.IO.FileNotFoundException',
      `The upload session ${id} does not exist or has expired.`,
    );
  }

  /** `check` runs when chunks before this one are done with. */
  async append(
    session: UploadSession,
    body: AsyncIterable<Uint8Array>,
    limitBytes: number,
    check: () => void,
  ): Promise<number> {
    await session.parts.append(body, limitBytes, check);
    session.expiresMs = this.#later();
    return session.parts.size;
  }

  /** The gathered bytes; the session is over. */
  async finish(site: string, session: UploadSession): Promise<Content> {
    this.#sessions.delete(keyOf(site, session.id));
    return session.parts.finish();
  }

  async end(site: string, id: string): Promise<void> {
    const session = this.#sessions.get(keyOf(site, id));
    this.#sessions.delete(keyOf(site, id));
    await session?.parts.discard();
  }

  #later(): number {
    return this.#clock.now() + REST_LIMIT_MS;
  }

  async #makeRoom(): Promise<void> {
    for (const [key, session] of this.#sessions) {
      const isOver = session.expiresMs <= this.#clock.now();
      if (!isOver && this.#sessions.size < SESSION_LIMIT) continue;
      this.#sessions.delete(key);
      await session.parts.discard();
    }
  }
}

function keyOf(site: string, id: string): string {
  return `${site} ${id.toLowerCase()}`;
}
