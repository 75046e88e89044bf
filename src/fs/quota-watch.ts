import type { Clock, Log } from '../base/index.js';
import type { Drive, Quota } from '../drive/index.js';
import type { Ino, Spool } from '../spool/index.js';

/** How old the known quota may get before it is asked for again in the background. */
const REFRESH_AFTER_MS = 5 * 60_000;
/** The same while the drive is full, or the server did not tell. */
const REFRESH_SOON_AFTER_MS = 20_000;
/** What goes while room is lacking is looked at at once; an `rm -rf` is many removals. */
const LOOK_EVERY_MS = 2000;

export interface QuotaWatchParts {
  readonly drive: Drive;
  readonly spool: Pick<Spool, 'lackingRoom'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly stopping: AbortSignal;
}

/** The drive's quota, always answered from memory: `statfs` never waits for the network. */
export class QuotaWatch {
  readonly #drive: Drive;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #stopping: AbortSignal;
  #quota: Quota | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;
  readonly #lackingRoom: Spool['lackingRoom'];
  /** What is owed did not fit when it was last asked. */
  #isExceeded = false;
  #isToLook = false;

  constructor(parts: QuotaWatchParts) {
    this.#drive = parts.drive;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#stopping = parts.stopping;
    this.#lackingRoom = parts.spool.lackingRoom;
  }

  /** What is known; null when the server has not told yet. Asks anew in the background when that is old. */
  get quota(): Quota | null {
    this.#refreshAfter(this.#quota === null ? REFRESH_SOON_AFTER_MS : REFRESH_AFTER_MS);
    return this.#quota;
  }

  /** True when the server has no room for what is owed, as far as is known: what it tells may be old, or nothing at all. */
  isExceededBy(owedBytes: number): boolean {
    const { quota } = this;
    const isTold = quota !== null && quota.usedBytes + owedBytes > quota.totalBytes;
    this.#isExceeded = isTold || !this.#lackingRoom.isEmpty;
    if (this.#isExceeded) this.#refreshAfter(REFRESH_SOON_AFTER_MS);
    return this.#isExceeded;
  }

  /** So many bytes more are on the server than it told of: a version replaced goes on counting. */
  noteStored(ino: Ino, bytes: number): void {
    if (this.#quota !== null) this.#quota = { ...this.#quota, usedBytes: this.#quota.usedBytes + bytes };
    if (!this.#lackingRoom.has(ino)) return;
    this.#lackingRoom.tookIn();
    this.#lookIfLacking();
  }

  /** Something is gone from the server, whoever removed it. */
  noteRemoved(): void {
    this.#lookIfLacking();
  }

  #lookIfLacking(): void {
    if (this.#isToLook || (!this.#isExceeded && this.#lackingRoom.isEmpty)) return;
    this.#isToLook = true;
    const sinceMs = this.#clock.monotonic() - this.#askedAt;
    this.#clock.after(Math.max(0, LOOK_EVERY_MS - sinceMs), () => {
      this.#isToLook = false;
      if (!this.#stopping.aborted) void this.#look();
    });
  }

  /** The server may tell late what it has room for, or never: trying is the other way to know. */
  async #look(): Promise<void> {
    const isTold = await this.#ask();
    const { usedBytes, totalBytes } = this.#quota ?? { usedBytes: 0, totalBytes: 0 };
    this.#lackingRoom.roomMade(isTold ? totalBytes - usedBytes : null);
  }

  #refreshAfter(ageMs: number): void {
    if (this.#clock.monotonic() - this.#askedAt >= ageMs) void this.#ask();
  }

  async #ask(): Promise<boolean> {
    this.#askedAt = this.#clock.monotonic();
    try {
      this.#quota = await this.#drive.quota({ lane: 'bulk', signal: this.#stopping });
      return true;
    } catch (error) {
      this.#log.debug({ error }, 'the quota is not to be had now');
      return false;
    }
  }
}
