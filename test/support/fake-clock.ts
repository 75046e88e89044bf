import type { Clock } from '../../src/base/index.js';

/** 2026-11-22 01:20:00 UTC, so that logs of tests look like logs. */
const START_MS = Date.UTC(2026, 10, 22, 1, 20);

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Time that only moves when a test says so. Timers run in order of their due time, then of their making. */
export class FakeClock implements Clock {
  #now = START_MS;
  #monotonic = 0;
  #order = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(delayMs: number, callback: () => void): () => void {
    this.#order += 1;
    const timer = { atMs: this.#monotonic + Math.max(0, delayMs), order: this.#order, run: callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  sleep(delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const cancel = this.after(delayMs, () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      });
      const onAbort = () => {
        cancel();
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Moves both clocks on, running what becomes due on the way at its own time. */
  advance(milliseconds: number): void {
    const endMs = this.#monotonic + milliseconds;
    for (let next = this.#dueBy(endMs); next !== undefined; next = this.#dueBy(endMs)) {
      this.#timers.delete(next);
      this.#moveTo(next.atMs);
      next.run();
    }
    this.#moveTo(endMs);
  }

  /** The same, letting promises settle after each timer: for code that sleeps in loops. */
  async run(milliseconds: number): Promise<void> {
    const endMs = this.#monotonic + milliseconds;
    for (;;) {
      await settle();
      const next = this.#dueBy(endMs);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#moveTo(next.atMs);
      next.run();
    }
    this.#moveTo(endMs);
    await settle();
  }

  /** The machine slept: the wall clock goes on, the monotonic one stands. */
  suspend(milliseconds: number): void {
    this.#now += milliseconds;
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  #moveTo(monotonicMs: number): void {
    this.#now += monotonicMs - this.#monotonic;
    this.#monotonic = monotonicMs;
  }

  #dueBy(endMs: number): Timer | undefined {
    let due: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.atMs > endMs) continue;
      if (
        due === undefined ||
        timer.atMs < due.atMs ||
        (timer.atMs === due.atMs && timer.order < due.order)
      ) {
        due = timer;
      }
    }
    return due;
  }
}

/** Enough turns of the event loop for chains of promises to run dry. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
