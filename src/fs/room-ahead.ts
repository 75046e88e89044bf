import type { Log } from '../base/index.js';
import type { ContentCache } from '../cache/index.js';

/** The disk is looked at each time so much was written. */
const BYTES_PER_LOOK = 16 * 1024 * 1024;
const MOST_AHEAD_BYTES = 256 * 1024 * 1024;
/** On a small disk this part of what the cache may hold. */
const SHARE_OF_CACHE = 0.25;

/**
 * What is written here needs room, and what can be fetched again makes it: the cache gives way before the disk is full,
 * for most writes do not pass by us and could not be tried again.
 */
export class RoomAhead {
  readonly #content: ContentCache;
  readonly #log: Log;
  #unlooked = 0;
  #isLooking = false;

  constructor({ content, log }: { readonly content: ContentCache; readonly log: Log }) {
    this.#content = content;
    this.#log = log;
  }

  wrote(bytes: number): void {
    this.#unlooked += bytes;
    if (this.#unlooked < BYTES_PER_LOOK || this.#isLooking) return;
    this.#unlooked = 0;
    this.#isLooking = true;
    this.make()
      .catch((error: unknown) =>
        this.#log.error({ error }, 'the cache could not make room for what is written'),
      )
      .finally(() => {
        this.#isLooking = false;
      });
  }

  /** True when there is room now. */
  make(): Promise<boolean> {
    const { limitBytes } = this.#content.statistics;
    return this.#content.makeRoom(Math.min(MOST_AHEAD_BYTES, limitBytes * SHARE_OF_CACHE));
  }
}
