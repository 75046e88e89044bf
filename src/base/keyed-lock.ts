/**
 * Mutual exclusion by key: at most one holder per key, waiters served in order of arrival.
 * It does not detect deadlocks; callers that need two keys take them in a written order (see `runBoth`).
 */
export class KeyedLock<Key extends number | string = number> {
  readonly #tails = new Map<Key, Promise<unknown>>();

  /** True when nobody holds or waits for `key`, so that a caller may take a synchronous fast path. */
  isFree(key: Key): boolean {
    return !this.#tails.has(key);
  }

  /** Runs `work` when all earlier holders of `key` have finished, whatever their outcome. */
  run<Result>(key: Key, work: () => Promise<Result> | Result): Promise<Result> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const result = before.then(work, work);
    const tail: Promise<void> = result.then(
      () => this.#release(key, tail),
      () => this.#release(key, tail),
    );
    this.#tails.set(key, tail);
    return result;
  }

  /** Holds both keys, the smaller one first; equal keys are taken once. */
  runBoth<Result>(one: Key, other: Key, work: () => Promise<Result> | Result): Promise<Result> {
    if (one === other) return this.run(one, work);
    const [first, second]: [Key, Key] = one < other ? [one, other] : [other, one];
    return this.run(first, () => this.run(second, work));
  }

  #release(key: Key, tail: Promise<unknown>): void {
    if (this.#tails.get(key) === tail) this.#tails.delete(key);
  }
}
