/**
 * Who may send when: one governor for all requests of an account. Bounded parallelism that halves when the server
 * throttles and grows back slowly, the user's request budget (protocol notes 4), interactive requests before bulk
 * ones (`lanes.ts`) and never behind one that is under way, one pause for everybody after a 429 or 503, and failing at
 * once while there is no network.
 * It never sends and never repeats anything itself.
 */
import type { Clock, Log } from '../../base/index.js';
import { DriveError, type Lane } from '../../drive/index.js';
import { CrowdWatch } from './crowd-watch.js';
import { type Asked, Lanes, type Permit, type Waiter } from './lanes.js';
import { NetworkState } from './network-state.js';
import { PutOff } from './put-off.js';
import { TokenBucket } from './token-bucket.js';

export interface GovernorOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Requests under way at most. */
  readonly parallel: number;
  /** Of these, how many big transfers of the bulk lane may not use. */
  readonly keptFromLong: number;
  /** Of these, how many no big transfer may use: a listing does not wait for eight ranges of a download. */
  readonly keptForShort: number;
  /**
   * Small interactive requests that go out even when all slots are taken, however few there are: a page of the snapshot
   * takes its time, and who enters a folder meanwhile does not wait for it.
   */
  readonly besidesForInteractive: number;
  /** Requests that may go out in one burst. */
  readonly burst: number;
  readonly requestsPerSecond: number;
  /** Requests that may wait; more are refused. */
  readonly longestQueue: number;
}

/** 3,000 requests in 5 minutes is what the server grants a user (protocol notes 4). */
export const DEFAULT_GOVERNOR = {
  parallel: 8,
  keptFromLong: 2,
  keptForShort: 1,
  besidesForInteractive: 1,
  burst: 2_400,
  requestsPerSecond: 9,
  longestQueue: 10_000,
} as const;

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** Within this time of a cut, more throttling is the same event. */
const CUT_INTERVAL_MS = 1_000;
/** Parallelism does not grow for so long after a cut. */
const CALM_MS = 5_000;
const TIRED_HEALTH = 5;
const ILL_HEALTH = 8;

export class Governor {
  readonly network: NetworkState;
  /** Of those that somebody waits for. */
  readonly crowd: CrowdWatch;
  readonly #options: GovernorOptions;
  readonly #clock: Clock;
  readonly #putOff: PutOff;
  readonly #bucket: TokenBucket;
  readonly #lanes = new Lanes();
  #limit: number;
  #active = 0;
  readonly #activeLong: Record<Lane, number> = { interactive: 0, bulk: 0 };
  #activeSmall = 0;
  #health = 0;
  #pausedUntilMs = 0;
  #cutAtMs = Number.NEGATIVE_INFINITY;
  #throttlesInRow = 0;
  #wakeUp: AbortController | null = null;

  constructor(options: GovernorOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#limit = options.parallel;
    this.#bucket = new TokenBucket(options.clock, options.burst, options.requestsPerSecond);
    this.network = new NetworkState(options.clock);
    this.#putOff = new PutOff(options.clock);
    this.crowd = new CrowdWatch(options.clock, () => this.#lanes.isSomebodyInteractive);
  }

  /** Requests that may be under way at present, but for the small interactive ones besides. */
  get parallel(): number {
    const limit = Math.max(1, Math.floor(this.#limit));
    if (this.#health >= ILL_HEALTH) return 1;
    return this.#health >= TIRED_HEALTH ? Math.max(1, limit >> 1) : limit;
  }

  get waiting(): number {
    return this.#lanes.waiting;
  }

  /** Waits for a slot. Throws `unreachable` when offline, `throttled` when the pause exceeds the patience. */
  acquire(asked: Asked, signal: AbortSignal): Promise<Permit> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const refusal = this.#refusal(asked);
    if (refusal !== null) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        signal.removeEventListener('abort', onAbort);
        act();
      };
      const waiter: Waiter = {
        asked,
        grant: (permit) => settle(() => resolve(permit)),
        refuse: (error) => settle(() => reject(error)),
      };
      const onAbort = () => {
        this.#lanes.remove(waiter);
        // A process that has stopped would live on for as long as the server asked for a pause.
        if (this.waiting === 0) this.#wakeUp?.abort();
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#lanes.push(waiter);
      this.#pump();
    });
  }

  /** The server answered without throttling; `health` is X-SharePointHealthScore (0 good .. 10 overloaded). */
  succeeded(health: number | null): void {
    this.network.answered();
    this.crowd.answered();
    this.#throttlesInRow = 0;
    this.#putOff.ended();
    if (health !== null) this.#health = health;
    if (this.#clock.monotonic() - this.#cutAtMs < CALM_MS) return;
    this.#limit = Math.min(this.#options.parallel, this.#limit + 1 / this.#limit);
  }

  /** The server throttles: everybody pauses. `pauseMs` null, or none at all, which is no way to throttle: as long as we think. */
  throttled(pauseMs: number | null): void {
    this.network.answered();
    this.#putOff.again();
    const now = this.#clock.monotonic();
    if (now - this.#cutAtMs >= CUT_INTERVAL_MS) {
      this.#cutAtMs = now;
      this.#throttlesInRow += 1;
      this.#limit = Math.max(1, this.#limit / 2);
      // It may be the user's budget, which his other clients spend too, or one moment of a busy server: who took each for
      // the first would send his thousand files at the long-run rate after one refusal.
      this.#bucket.halve();
    }
    this.pause(pauseMs || this.#ownPauseMs());
  }

  /** Nobody sends for so long. */
  pause(pauseMs: number): void {
    const until = this.#clock.monotonic() + pauseMs;
    if (until <= this.#pausedUntilMs) return;
    this.#pausedUntilMs = until;
    this.network.throttledUntil(this.#clock.now() + pauseMs);
    this.#options.log.info({ pauseMs, parallel: this.parallel }, 'the server asked for a pause');
    this.#refuseImpatient();
    this.#pump();
  }

  get pausedForMs(): number {
    return Math.max(0, this.#pausedUntilMs - this.#clock.monotonic());
  }

  /** Nobody who has another answer need wait for the server's. */
  get isPuttingOff(): boolean {
    return this.#putOff.isLong(this.pausedForMs);
  }

  #ownPauseMs(): number {
    const doubled = FIRST_PAUSE_MS * 2 ** Math.min(this.#throttlesInRow - 1, 10);
    return Math.min(LONGEST_PAUSE_MS, doubled * (1 + Math.random() * 0.3));
  }

  #refusal({ patienceMs }: Asked): DriveError | null {
    if (!this.network.mayTry()) return new DriveError('unreachable', 'there is no network');
    if (this.waiting >= this.#options.longestQueue)
      return new DriveError('unreachable', 'too many requests wait');
    const pauseMs = this.pausedForMs;
    return pauseMs > patienceMs ? throttledFor(pauseMs) : null;
  }

  /** Those who would not wait out the pause hear it now. */
  #refuseImpatient(): void {
    const pauseMs = this.pausedForMs;
    for (const waiter of this.#lanes.takeImpatient(pauseMs)) waiter.refuse(throttledFor(pauseMs));
  }

  #pump(): void {
    for (;;) {
      const waitMs = Math.max(this.pausedForMs, this.#bucket.waitMs);
      if (waitMs > 0) {
        this.#pumpLater(waitMs);
        return;
      }
      const waiter = this.#next();
      if (waiter === undefined) return;
      this.#start(waiter);
    }
  }

  /** The next one that may start, taken out of its queue. */
  #next(): Waiter | undefined {
    if (this.#active < this.parallel) return this.#lanes.takeNext((lane) => this.#mayBeLong(lane));
    return this.#activeSmall < this.#options.besidesForInteractive ? this.#lanes.takeSmall() : undefined;
  }

  #mayBeLong(lane: Lane): boolean {
    const { parallel } = this;
    const { interactive, bulk } = this.#activeLong;
    const { keptForShort, keptFromLong } = this.#options;
    if (interactive + bulk >= Math.max(1, parallel - keptForShort)) return false;
    return lane === 'interactive' || bulk < Math.max(1, parallel - keptFromLong);
  }

  #start({ asked, grant }: Waiter): void {
    this.#count(asked, 1);
    this.#bucket.take();
    this.crowd.served();
    let released = false;
    grant({
      release: () => {
        if (released) return;
        released = true;
        this.#count(asked, -1);
        this.#pump();
      },
    });
  }

  #count({ lane, long }: Asked, by: 1 | -1): void {
    this.#active += by;
    if (long) this.#activeLong[lane] += by;
    else if (lane === 'interactive') this.#activeSmall += by;
  }

  #pumpLater(waitMs: number): void {
    this.#wakeUp?.abort();
    if (this.waiting === 0) return;
    const wakeUp = new AbortController();
    this.#wakeUp = wakeUp;
    // `sleep` and not `after`: somebody waits, so the process must stay alive
    this.#clock.sleep(waitMs, wakeUp.signal).then(
      () => this.#pump(),
      () => {},
    );
  }
}

function throttledFor(pauseMs: number): DriveError {
  const seconds = Math.ceil(pauseMs / 1000);
  return new DriveError('throttled', `the server asked for a pause of ${seconds} s`, {
    retryAfterMs: pauseMs,
  });
}
