/**
 * Which writing of a date a server reads as it was meant (protocol notes 3.5). Nobody tells us its locale, so what came
 * of each writing is remembered: one that is known to come out wrong is not tried again, and where all do, the one that
 * came nearest is taken.
 */
import { DATE_WRITINGS, isCoarse } from '../wire/form-date.js';

/** What came of the writings, as it is kept over restarts. */
export interface KnownDates {
  /** Tried first. */
  readonly first: number;
  /** By writing, how far off those were that came out wrong. */
  readonly errorsMs: Readonly<Record<string, number>>;
}

export interface DateMemory {
  readonly dates: KnownDates | null;
  keepDates(dates: KnownDates): void;
}

const MINUTE_MS = 60_000;
/** Where so many that have seconds came out right but for these, the server keeps none. */
const ENOUGH_TO_THE_MINUTE = 2;

export class DateChoice {
  readonly #memory: DateMemory;
  /** Tried first: it came out right last. */
  #first: number;
  #proven: number | null = null;
  /** How far off those were that came out wrong. */
  readonly #errorsMs: Map<number, number>;

  constructor(memory: DateMemory) {
    this.#memory = memory;
    const { first = 0, errorsMs = {} } = memory.dates ?? {};
    this.#first = first;
    this.#errorsMs = new Map(
      Object.entries(errorsMs).map(([writing, errorMs]) => [Number(writing), errorMs]),
    );
  }

  /** The writing to try after those; null: what the server has now is the best that it can. */
  next(tried: readonly number[]): number | null {
    const open = this.#inOrder().find((writing) => !tried.includes(writing) && this.#isWorthTrying(writing));
    if (open !== undefined) return open;
    const best = this.#nearest();
    const last = tried.at(-1);
    return last !== undefined && this.#errorOf(last) <= this.#errorOf(best) ? null : best;
  }

  #isWorthTrying(writing: number): boolean {
    if (this.#errorsMs.has(writing)) return false;
    const toTheMinute = [...this.#errorsMs.values()].filter((errorMs) => errorMs < MINUTE_MS).length;
    return isCoarse(writing) ? toTheMinute === 0 : toTheMinute < ENOUGH_TO_THE_MINUTE;
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
    const isProof = isTelling(modifiedMs);
    const wasWrong = isProof && this.#errorsMs.delete(writing);
    const isNews = wasWrong || this.#first !== writing;
    this.#first = writing;
    if (isProof) this.#proven = writing;
    if (isNews) this.#keep();
  }

  cameOutWrong(writing: number, errorMs: number): void {
    if (this.isProven(writing)) return;
    const isNews = !this.#errorsMs.has(writing);
    this.#errorsMs.set(writing, Math.abs(errorMs));
    if (isNews) this.#keep();
  }

  #keep(): void {
    this.#memory.keepDates({ first: this.#first, errorsMs: Object.fromEntries(this.#errorsMs) });
  }

  #inOrder(): number[] {
    return DATE_WRITINGS.map((_, index) => (this.#first + index) % DATE_WRITINGS.length);
  }

  #nearest(): number {
    if (this.#proven !== null) return this.#proven;
    return this.#inOrder().reduce((best, one) => (this.#errorOf(one) < this.#errorOf(best) ? one : best));
  }

  /** In minutes: which seconds were dropped is the file's affair. What was never tried is nothing to come back to. */
  #errorOf(writing: number): number {
    if (this.#proven === writing) return 0;
    return Math.floor((this.#errorsMs.get(writing) ?? Number.POSITIVE_INFINITY) / MINUTE_MS);
  }
}

/** Comes out wrong where day and month are swapped or seconds dropped. */
function isTelling(modifiedMs: number): boolean {
  const date = new Date(modifiedMs);
  return date.getUTCDate() !== date.getUTCMonth() + 1 && date.getUTCSeconds() !== 0;
}
