/**
 * The one task that renews an account's sign-in: ahead of its end, at wake-up from suspend, and at once when asked. All
 * who ask while a renewal runs wait for that one. What a renewal does, and what its outcome means for the account, is
 * its owner's.
 */
import type { Clock, Log } from '../../../base/index.js';
import { recourseOf, SignInError } from '../sign-in-error.js';
import { pauseAfterFailure } from './renewal-schedule.js';

export interface RefresherOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** In [0, 1). */
  readonly random: () => number;
  /** When the next renewal is due by the wall clock; null when only a person can help. */
  readonly dueAt: () => number | null;
  /** One renewal; throws SignInError. */
  readonly renew: (signal: AbortSignal) => Promise<void>;
  /** How often the wall clock is looked at: timers stand still while the machine is suspended. */
  readonly lookEveryMs: number;
  /** Asked at every look at the clock: has another process signed in? */
  readonly lookAround: () => Promise<void>;
}

/** Pauses grow to minutes; but whoever waits for a file when the network is back shall not wait for them. */
const LONGEST_HOPELESS_MS = 10_000;

/** The clocks drifted apart by more than this between two looks: the machine slept, or somebody set the clock. */
const JUMP_MS = 10_000;

export class CookieRefresher {
  readonly #options: RefresherOptions;
  readonly #stop = new AbortController();
  #renewal: Promise<void> | null = null;
  #failures = 0;
  /** Until then the keeper tries nothing of its own accord. */
  #notBefore = 0;
  /** Until then it is not worth trying again for somebody who asks. */
  #hopelessUntil = 0;
  #rouse: (() => void) | null = null;

  constructor(options: RefresherOptions) {
    this.#options = options;
  }

  /** True while a renewal runs. */
  get isRenewing(): boolean {
    return this.#renewal !== null;
  }

  /** Whether, after a failure for a passing reason, it is too early for the next attempt even if somebody asks. */
  get isPausing(): boolean {
    return this.#failures > 0 && this.#options.clock.monotonic() < this.#hopelessUntil;
  }

  /** One renewal shared by all who ask meanwhile. Leaving early (`signal`) does not stop it for the others. */
  renew(signal: AbortSignal): Promise<void> {
    this.#renewal ??= this.#renewOnce().finally(() => {
      this.#renewal = null;
    });
    return leavingAt(signal, this.#renewal);
  }

  /** Runs until `signal` fires. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.close(), { once: true });
    while (!signal.aborted) {
      await this.#options.lookAround();
      const waitMs = this.#untilDue();
      if (waitMs <= 0) await this.renew(signal).catch(() => undefined);
      else await this.#sleep(Math.min(waitMs, this.#options.lookEveryMs));
    }
  }

  /** No renewal of its own accord for so long. */
  postpone(delayMs: number): void {
    this.#failures = Math.max(this.#failures, 1);
    this.#notBefore = this.#options.clock.monotonic() + delayMs;
    this.#hopelessUntil = this.#notBefore;
  }

  /** Looks at the clock now: something changed. */
  wake(): void {
    this.#failures = 0;
    this.#notBefore = 0;
    this.#hopelessUntil = 0;
    this.#rouse?.();
  }

  close(): void {
    this.#stop.abort(new Error('stopping'));
    this.#rouse?.();
  }

  async #renewOnce(): Promise<void> {
    const { clock, random, renew } = this.#options;
    try {
      await renew(this.#stop.signal);
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      const askedMs = error instanceof SignInError ? error.retryAfterMs : 0;
      const pauseMs = Math.max(pauseAfterFailure(this.#failures, random()), askedMs);
      this.#notBefore = clock.monotonic() + pauseMs;
      this.#hopelessUntil = clock.monotonic() + Math.max(Math.min(pauseMs, LONGEST_HOPELESS_MS), askedMs);
      this.#options.log.debug(
        { recourse: recourseOf(error), pauseMs: Math.round(pauseMs) },
        'renewal failed',
      );
      throw error;
    }
  }

  #untilDue(): number {
    const { clock, dueAt } = this.#options;
    const due = dueAt();
    if (due === null) return Number.POSITIVE_INFINITY;
    const pausedMs = this.#failures > 0 ? this.#notBefore - clock.monotonic() : 0;
    return Math.max(due - clock.now(), pausedMs);
  }

  async #sleep(delayMs: number): Promise<void> {
    const { clock } = this.#options;
    const wall = clock.now();
    const steady = clock.monotonic();
    await new Promise<void>((resolve) => {
      const cancel = clock.after(delayMs, resolve);
      this.#rouse = () => {
        cancel();
        resolve();
      };
    });
    this.#rouse = null;
    const jumpMs = clock.now() - wall - (clock.monotonic() - steady);
    // After suspend the network is new, and so is every reason to wait.
    if (Math.abs(jumpMs) > JUMP_MS) this.wake();
  }
}

function leavingAt<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  if (signal.aborted) {
    work.catch(() => undefined);
    return Promise.reject(signal.reason);
  }
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
