/**
 * How a request of the kernel asks the tree. Nearly all are answered from what is known, so the signal is made only when
 * somebody really waits; a class, because a getter in an object literal is defined anew for each request.
 */
import type { Clock } from '../base/index.js';
import type { Asking } from '../cache/index.js';
import type { Crowd } from '../drive/index.js';
import { withDeadline } from './deadline.js';
import type { RequestContext } from './request.js';

export interface Patience {
  readonly clock: Clock;
  readonly crowd: Crowd;
}

export interface Demands {
  readonly maxAgeMs: number;
  readonly orKnown: boolean;
  readonly isGlance: boolean;
}

export class InteractiveAsking implements Asking {
  readonly lane = 'interactive';
  readonly maxAgeMs: number;
  readonly orKnown: boolean;
  readonly isGlance: boolean;
  readonly #context: RequestContext;
  readonly #patience: Patience;

  constructor(context: RequestContext, { maxAgeMs, orKnown, isGlance }: Demands, patience: Patience) {
    this.maxAgeMs = maxAgeMs;
    this.orKnown = orKnown;
    this.isGlance = isGlance;
    this.#context = context;
    this.#patience = patience;
  }

  get signal(): AbortSignal {
    return withDeadline(this.#context.signal, this.#patience.clock, this.#patience.crowd);
  }
}
