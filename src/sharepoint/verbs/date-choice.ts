/**
 * Which writing of a date a server reads as it was meant (protocol notes 3.5). Nobody tells us its locale, so what came
 * of each writing is remembered: one that is known to come out wrong is not tried again, and where all do, the one that
 * came nearest is taken.
 */
import { DATE_WRITINGS } from '../wire/form-date.js';

export class DateChoice {
  /** Tried first: it came out right last. */
  #first = 0;
  #proven: number | null = null;
  /** How far off those were that came out wrong. */
  readonly #errorsMs = new Map<number, number>();

  /** The writing to try after those; null: what the server has now is the best that it can. */
  next(tried: readonly number[]): number | null {
    const open = this.#inOrder().find((writing) => !tried.includes(writing) && !this.#errorsMs.has(writing));
    if (open !== undefined) return open;
    const best = this.#nearest();
    return best === tried.at(-1) ? null : best;
  }

  /** It can't be the writing's fault when a date comes out otherwise. */
  isProven(writing: number): boolean {
    return this.#proven === writing;
  }

  /** Known not to come out right: there is nothing to wait for. */
  isWrong(writing: number): boolean {
    return this.#errorsMs.has(writing);
  }

  cameOutRight(writing: number, modifiedMs: number): void {
    this.#first = writing;
    this.#errorsMs.delete(writing);
    if (isTelling(modifiedMs)) this.#proven = writing;
  }

  cameOutWrong(writing: number, errorMs: number): void {
    if (!this.isProven(writing)) this.#errorsMs.set(writing, Math.abs(errorMs));
  }

  #inOrder(): number[] {
    return DATE_WRITINGS.map((_, index) => (this.#first + index) % DATE_WRITINGS.length);
  }

  #nearest(): number {
    if (this.#proven !== null) return this.#proven;
    const error = (writing: number) => this.#errorsMs.get(writing) ?? 0;
    return this.#inOrder().reduce((best, writing) => (error(writing) < error(best) ? writing : best));
  }
}

/** Comes out wrong where day and month are swapped or seconds dropped. */
function isTelling(modifiedMs: number): boolean {
  const date = new Date(modifiedMs);
  return date.getUTCDate() !== date.getUTCMonth() + 1 && date.getUTCSeconds() !== 0;
}
