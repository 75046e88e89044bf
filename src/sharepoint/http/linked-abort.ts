import { setMaxListeners } from 'node:events';

/**
 * One abort controller that follows another signal for a while. Unlike AbortSignal.any it leaves nothing behind on a
 * long-lived signal once it is released.
 */
export class LinkedAbort {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal;
  readonly #follow: () => void;

  constructor(outer: AbortSignal) {
    this.#outer = outer;
    this.#follow = () => this.#controller.abort(outer.reason);
    if (outer.aborted) this.#follow();
    else followedByMany(outer).addEventListener('abort', this.#follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** Stops following. */
  release(): void {
    this.#outer.removeEventListener('abort', this.#follow);
  }
}

/** A daemon's one signal is followed by all of its requests, which is no leak to be warned of. */
export function followedByMany(signal: AbortSignal): AbortSignal {
  setMaxListeners(0, signal);
  return signal;
}
