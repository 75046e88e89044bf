/** The stand-in's wall clock: runs with the real one, plus what a test added. Timers stay real. */
export class StandinClock {
  #aheadMs = 0;
  #frozenAtMs: number | null = null;

  /** Milliseconds since 1970. */
  now(): number {
    return this.#frozenAtMs ?? Date.now() + this.#aheadMs;
  }

  advance(byMs: number): void {
    if (this.#frozenAtMs === null) this.#aheadMs += byMs;
    else this.#frozenAtMs += byMs;
  }

  /** Moves the clock to an instant; it runs on from there unless frozen. */
  set(nowMs: number): void {
    if (this.#frozenAtMs === null) this.#aheadMs = nowMs - Date.now();
    else this.#frozenAtMs = nowMs;
  }

  /** Stops the clock where it is, so that only `advance` and `set` move it. */
  freeze(): void {
    this.#frozenAtMs ??= this.now();
  }

  unfreeze(): void {
    if (this.#frozenAtMs === null) return;
    this.#aheadMs = this.#frozenAtMs - Date.now();
    this.#frozenAtMs = null;
  }
}
