/** Collects what changed on the server while it is written, and tells the listeners afterwards, in order. */
import type { Clock, Log } from '../base/index.js';
import type { RemoteChange } from './remote-tree.js';

export type ChangeListener = (changes: readonly RemoteChange[]) => void;

export class RemoteChanges {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #listeners = new Set<ChangeListener>();
  #pending: RemoteChange[] = [];
  #lastAtMs: number | null = null;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  get lastAtMs(): number | null {
    return this.#lastAtMs;
  }

  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  add(change: RemoteChange): void {
    this.#pending.push(change);
  }

  /** To be called when what was added is stored. */
  tell(): void {
    if (this.#pending.length === 0) return;
    const changes = this.#pending;
    this.#pending = [];
    if (changes.some(({ kind }) => kind !== 'found')) this.#lastAtMs = this.#clock.now();
    for (const listener of this.#listeners) {
      try {
        listener(changes);
      } catch (error) {
        this.#log.error({ error }, 'a listener of the remote tree failed');
      }
    }
  }
}
