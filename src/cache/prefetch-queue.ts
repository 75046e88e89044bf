/** Work that is worth doing if there is nothing better to do: a bounded queue, a few at a time, newest dropped first. */
export class PrefetchQueue<Key> {
  readonly #parallel: number;
  readonly #mostWaiting: number;
  readonly #work: (key: Key, signal: AbortSignal) => Promise<void>;
  readonly #waiting = new Map<string, Key>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #controller = new AbortController();

  /** `work` never rejects. */
  constructor(parallel: number, mostWaiting: number, work: (key: Key, signal: AbortSignal) => Promise<void>) {
    this.#parallel = parallel;
    this.#mostWaiting = mostWaiting;
    this.#work = work;
  }

  add(name: string, key: Key): void {
    if (this.#controller.signal.aborted || this.#running.has(name) || this.#waiting.has(name)) return;
    if (this.#waiting.size >= this.#mostWaiting) return;
    this.#waiting.set(name, key);
    this.#run();
  }

  remove(name: string): void {
    this.#waiting.delete(name);
  }

  async close(): Promise<void> {
    this.#controller.abort(new Error('closing'));
    this.#waiting.clear();
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  #run(): void {
    for (const [name, key] of this.#waiting) {
      if (this.#running.size >= this.#parallel) return;
      this.#waiting.delete(name);
      const done = this.#work(key, this.#controller.signal).finally(() => {
        this.#running.delete(name);
        this.#run();
      });
      this.#running.set(name, done);
    }
  }
}
