import type { Clock, Log } from '../base/index.js';
import type { Drive, Quota } from '../drive/index.js';

/** How old the known quota may get before it is asked for again in the background. */
const REFRESH_AFTER_MS = 5 * 60_000;
/** The same while the drive is full, or the server did not tell. */
const REFRESH_SOON_AFTER_MS = 20_000;

/** The drive's quota, always answered from memory: `statfs` never waits for the network. */
export class QuotaWatch {
  readonly #drive: Drive;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #stopping: AbortSignal;
  #quota: Quota | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: { drive: Drive; clock: Clock; log: Log; stopping: AbortSignal }) {
    this.#drive = parts.drive;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#stopping = parts.stopping;
  }

  /** What is known; null when the server has not told yet. Asks anew in the background when that is old. */
  get quota(): Quota | null {
    this.#refreshAfter(this.#quota === null ? REFRESH_SOON_AFTER_MS : REFRESH_AFTER_MS);
    return this.#quota;
  }

  /** True when the server has no room for what is owed, as far as is known. */
  isExceededBy(owedBytes: number): boolean {
    const { quota } = this;
    if (quota === null || quota.usedBytes + owedBytes <= quota.totalBytes) return false;
    this.#refreshAfter(REFRESH_SOON_AFTER_MS);
    return true;
  }

  /** So many bytes more are on the server than it told of: a version replaced goes on counting. */
  noteStored(bytes: number): void {
    if (this.#quota !== null) this.#quota = { ...this.#quota, usedBytes: this.#quota.usedBytes + bytes };
  }

  #refreshAfter(ageMs: number): void {
    if (this.#clock.monotonic() - this.#askedAt >= ageMs) void this.#ask();
  }

  async #ask(): Promise<void> {
    this.#askedAt = this.#clock.monotonic();
    try {
      this.#quota = await this.#drive.quota({ lane: 'bulk', signal: this.#stopping });
    } catch (error) {
      this.#log.debug({ error }, 'the quota is not to be had now');
    }
  }
}
