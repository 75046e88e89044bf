/** Whether the server could be reached lately, so that what is known here need not wait for it in vain. */
import type { Clock } from '../base/index.js';
import { DriveError } from '../drive/index.js';

/** After a failure, for so long known things are answered without trying again. */
const AWAY_MS = 15_000;

export class Reach {
  readonly #clock: Clock;
  readonly #isPutOff: () => boolean;
  #awayUntil = Number.NEGATIVE_INFINITY;

  /** Called when the server answers again. */
  onBack: () => void = () => {};

  /** `isPutOff`: the server is there, but lets everybody wait for long. */
  constructor(clock: Clock, isPutOff: () => boolean) {
    this.#clock = clock;
    this.#isPutOff = isPutOff;
  }

  get isAway(): boolean {
    return this.#clock.monotonic() < this.#awayUntil || this.#isPutOff();
  }

  answered(): void {
    if (this.#awayUntil === Number.NEGATIVE_INFINITY) return;
    this.#awayUntil = Number.NEGATIVE_INFINITY;
    this.onBack();
  }

  failed(error: unknown): void {
    if (isAwayError(error)) this.#awayUntil = this.#clock.monotonic() + AWAY_MS;
  }
}

/** The server said nothing about what was asked: what is known stays as true as it was. */
export function isAwayError(error: unknown): boolean {
  if (!(error instanceof DriveError)) return false;
  return error.kind === 'unreachable' || error.kind === 'throttled' || error.kind === 'signed-out';
}
