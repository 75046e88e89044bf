import type { Clock } from '../base/index.js';

/** One timer that rings once, at the time that was set last. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #set: { readonly atMs: number; readonly cancel: () => void } | null = null;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Never, when that is Infinity. */
  set(atMs: number): void {
    if (this.#set?.atMs === atMs) return;
    this.clear();
    if (!Number.isFinite(atMs)) return;
    const cancel = this.#clock.after(Math.max(0, atMs - this.#clock.now()), () => {
      this.#set = null;
      this.#ring();
    });
    this.#set = { atMs, cancel };
  }

  clear(): void {
    this.#set?.cancel();
    this.#set = null;
  }
}
