/** Slows bytes down to a rate: whoever takes waits until its bytes would have gone by. */

/** Debts below this are not worth a timer; they add up to one that is. */
const SHORTEST_WAIT_MS = 1;
/** How late a sender may be without losing its turn. */
const FORGIVEN_MS = 50;

export class Pace {
  #freeAtMs = 0;

  /** Resolves when `bytes` have passed at `bytesPerSecond` (0: at once). */
  async take(bytes: number, bytesPerSecond: number): Promise<void> {
    if (bytesPerSecond <= 0) return;
    const nowMs = performance.now();
    // A timer that fired late is made up for; a pause of the sender is not.
    const fromMs = this.#freeAtMs < nowMs - FORGIVEN_MS ? nowMs : this.#freeAtMs;
    this.#freeAtMs = fromMs + (bytes / bytesPerSecond) * 1000;
    await pause(this.#freeAtMs - nowMs);
  }
}

export function pause(delayMs: number): Promise<void> | undefined {
  if (delayMs < SHORTEST_WAIT_MS) return undefined;
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
