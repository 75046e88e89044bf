import type { Log } from './log.js';

/**
 * The background work of a daemon: nothing floats. Every task is started here, is told to stop by one signal, and is
 * waited for at the end. A task that throws anything but the stop reason is a bug: logged, counted, never silent.
 */
export class TaskGroup {
  readonly #controller = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Fires when the group stops. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  start(name: string, work: (signal: AbortSignal) => Promise<void>): void {
    const task: Promise<void> = work(this.signal)
      .catch((error: unknown) => {
        if (!this.signal.aborted) this.#log.error({ task: name, error }, 'a background task failed');
      })
      .finally(() => this.#running.delete(task));
    this.#running.add(task);
  }

  /** Tells every task to stop and waits until all have. */
  async stop(reason: Error = new Error('stopping')): Promise<void> {
    if (!this.signal.aborted) this.#controller.abort(reason);
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
