/**
 * One call to the server for everybody who waits for the same answer. Each waiter may leave; the last one takes the
 * call with it. A waiter in a hurry does not stay behind a call that waits in the bulk lane.
 */
import type { Clock } from '../base/index.js';
import type { Lane, RequestOptions } from '../drive/index.js';

/** How long somebody in a hurry waits for a call that was made in the bulk lane before it is made anew. */
const BULK_PATIENCE_MS = 250;

type Ask = (options: RequestOptions) => Promise<void>;

interface Question {
  readonly ask: Ask;
  readonly done: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
  lane: Lane;
  waiters: number;
  controller: AbortController;
  cancelHurry: (() => void) | null;
}

export class SharedQuestions {
  readonly #clock: Clock;
  readonly #questions = new Map<string, Question>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isAsked(key: string): boolean {
    return this.#questions.has(key);
  }

  /** Resolves when the question of that key is answered, or rejects with the signal's reason. */
  join(key: string, { signal, lane }: RequestOptions, ask: Ask): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const question = this.#questions.get(key) ?? this.#begin(key, lane, ask);
    if (lane === 'interactive' && question.lane === 'bulk') this.#hurry(question);
    return this.#wait(key, question, signal);
  }

  #begin(key: string, lane: Lane, ask: Ask): Question {
    let resolve: () => void = () => {};
    let reject: (reason: unknown) => void = () => {};
    const done = new Promise<void>((onResolve, onReject) => {
      resolve = onResolve;
      reject = onReject;
    });
    done.catch(() => {});
    const controller = new AbortController();
    const question: Question = {
      ask,
      done,
      resolve,
      reject,
      lane,
      waiters: 0,
      controller,
      cancelHurry: null,
    };
    this.#questions.set(key, question);
    const end = () => this.#end(key, question);
    done.then(end, end);
    this.#run(question);
    return question;
  }

  #run(question: Question): void {
    const { controller, lane } = question;
    const isCurrent = () => question.controller === controller;
    question.ask({ signal: controller.signal, lane }).then(
      () => isCurrent() && question.resolve(),
      (error: unknown) => isCurrent() && question.reject(error),
    );
  }

  #hurry(question: Question): void {
    question.cancelHurry ??= this.#clock.after(BULK_PATIENCE_MS, () => {
      const { controller } = question;
      question.lane = 'interactive';
      question.controller = new AbortController();
      controller.abort(new Error('asked anew, in a hurry'));
      this.#run(question);
    });
  }

  async #wait(key: string, question: Question, signal: AbortSignal): Promise<void> {
    question.waiters += 1;
    let leave = () => {};
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(signal.reason);
      signal.addEventListener('abort', leave, { once: true });
    });
    try {
      await Promise.race([question.done, left]);
    } finally {
      signal.removeEventListener('abort', leave);
      question.waiters -= 1;
      if (question.waiters === 0) this.#abandon(key, question, signal);
    }
  }

  #abandon(key: string, question: Question, signal: AbortSignal): void {
    if (this.#questions.get(key) !== question) return;
    this.#end(key, question);
    question.controller.abort(signal.reason ?? new Error('nobody waits for it any more'));
  }

  #end(key: string, question: Question): void {
    question.cancelHurry?.();
    if (this.#questions.get(key) === question) this.#questions.delete(key);
  }
}
