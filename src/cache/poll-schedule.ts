/** When to ask for changes next: often while somebody uses the tree, ever more rarely while nobody does. */
import type { Clock } from '../base/index.js';

export interface PollLimits {
  /** While in use. */
  readonly pollMs: number;
  readonly longestPollMs: number;
  /** So long after the last use the tree still counts as in use. */
  readonly idleAfterMs: number;
}

const FIRST_RETRY_MS = 5_000;

export class PollSchedule {
  readonly #clock: Clock;
  #limits: PollLimits;
  #usedAt: number;
  #polledAt = Number.NEGATIVE_INFINITY;
  #intervalMs: number;
  #failures = 0;
  #wake: (() => void) | null = null;

  constructor(clock: Clock, limits: PollLimits) {
    this.#clock = clock;
    this.#limits = limits;
    this.#usedAt = clock.monotonic();
    this.#intervalMs = limits.pollMs;
  }

  get pollMs(): number {
    return this.#limits.pollMs;
  }

  set pollMs(pollMs: number) {
    this.#limits = { ...this.#limits, pollMs, longestPollMs: Math.max(pollMs, this.#limits.longestPollMs) };
    this.#intervalMs = pollMs;
    this.wake();
  }

  /** Somebody uses the tree. The first use after a pause has what happened meanwhile fetched at once. */
  used(): void {
    this.#usedAt = this.#clock.monotonic();
    if (this.#intervalMs <= this.#limits.pollMs || this.#failures > 0) return;
    this.#intervalMs = this.#limits.pollMs;
    if (this.#usedAt - this.#polledAt >= this.#limits.pollMs) this.wake();
  }

  succeeded(): void {
    this.#failures = 0;
    this.#polledAt = this.#clock.monotonic();
    const isInUse = this.#polledAt - this.#usedAt <= this.#limits.idleAfterMs;
    this.#intervalMs = isInUse
      ? this.#limits.pollMs
      : Math.min(this.#intervalMs * 2, this.#limits.longestPollMs);
  }

  /** `atLeastMs`: the server asked to be left alone for so long. */
  failed(atLeastMs = 0): void {
    const backOffMs = FIRST_RETRY_MS * 2 ** Math.min(this.#failures, 10);
    this.#failures += 1;
    this.#intervalMs = Math.max(atLeastMs, Math.min(backOffMs, this.#limits.longestPollMs));
  }

  /** The next round follows at once, or a little later, and is no longer off than usual. */
  soon(afterMs = 0): void {
    this.#failures = 0;
    this.#polledAt = this.#clock.monotonic();
    this.#intervalMs = Math.min(afterMs, this.#limits.pollMs);
  }

  wake(): void {
    this.#wake?.();
  }

  /** Resolves when it is time, or rejects with the signal's reason. */
  async wait(signal: AbortSignal): Promise<void> {
    const waiting = new AbortController();
    let isWoken = false;
    const woken = () => {
      isWoken = true;
      waiting.abort();
    };
    this.#wake = woken;
    const stop = () => waiting.abort();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      await this.#clock.sleep(this.#intervalMs, waiting.signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isWoken) throw error;
    } finally {
      signal.removeEventListener('abort', stop);
      this.#wake = null;
    }
  }
}
