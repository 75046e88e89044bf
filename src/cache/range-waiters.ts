/** Who waits for which bytes of a content. */
import type { ByteRange } from '../base/index.js';

interface Waiter {
  readonly range: ByteRange;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

export class RangeWaiters {
  readonly #waiters = new Set<Waiter>();

  get count(): number {
    return this.#waiters.size;
  }

  /** Resolves at the next `arrived` that covers the range; rejects with the signal's reason, or by `failed`. */
  wait(range: ByteRange, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const end = (settle: () => void) => {
        signal.removeEventListener('abort', onAbort);
        this.#waiters.delete(waiter);
        settle();
      };
      const onAbort = () => end(() => reject(signal.reason));
      const waiter: Waiter = {
        range,
        resolve: () => end(resolve),
        reject: (reason) => end(() => reject(reason)),
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  arrived(isThere: (range: ByteRange) => boolean): void {
    for (const waiter of [...this.#waiters]) if (isThere(waiter.range)) waiter.resolve();
  }

  /** The bytes of `range` will not come. */
  failed(range: ByteRange, reason: unknown): void {
    const end = range.offset + range.length;
    for (const waiter of [...this.#waiters]) {
      const isHit = waiter.range.offset < end && range.offset < waiter.range.offset + waiter.range.length;
      if (isHit) waiter.reject(reason);
    }
  }
}
