/** Contents that are fetched as a whole though nobody reads them: what is pinned, and what will probably be read next. */
import type { Log } from '../base/index.js';
import type { ItemId, Version } from '../drive/index.js';
import type { ContentEntry } from './content-entry.js';
import type { ContentLimits } from './content-limits.js';
import { PrefetchQueue } from './prefetch-queue.js';

export interface Wanted {
  readonly version: Version;
  readonly size: number;
}

interface Task extends Wanted {
  readonly item: ItemId;
}

export interface WholeFetchParts {
  readonly limits: ContentLimits;
  readonly log: Log;
  enter(item: ItemId, version: Version, size: number): ContentEntry;
  isComplete(item: ItemId, version: Version): boolean;
}

export class WholeFetches {
  readonly #parts: WholeFetchParts;
  readonly #ahead: PrefetchQueue<Task>;
  readonly #pins: PrefetchQueue<Task>;

  constructor(parts: WholeFetchParts) {
    this.#parts = parts;
    const { limits } = parts;
    const fetch = (task: Task, signal: AbortSignal) => this.#fetch(task, signal);
    this.#ahead = new PrefetchQueue(limits.prefetchParallel, limits.prefetchWaiting, fetch);
    this.#pins = new PrefetchQueue(limits.pinParallel, Number.POSITIVE_INFINITY, fetch);
  }

  pin(item: ItemId, { version, size }: Wanted): void {
    this.#pins.add(item, { item, version, size });
  }

  unpin(item: ItemId): void {
    this.#pins.remove(item);
  }

  /** Dropped when too many wait already. */
  ahead(item: ItemId, { version, size }: Wanted): void {
    this.#ahead.add(`${item}\n${version}`, { item, version, size });
  }

  async close(): Promise<void> {
    await Promise.all([this.#ahead.close(), this.#pins.close()]);
  }

  async #fetch({ item, version, size }: Task, signal: AbortSignal): Promise<void> {
    if (this.#parts.isComplete(item, version)) return;
    const entry = this.#parts.enter(item, version, size);
    try {
      await entry.fillIn('bulk', signal);
    } catch (error) {
      if (!signal.aborted) this.#parts.log.debug({ error }, 'content could not be fetched ahead');
    } finally {
      entry.close();
    }
  }
}
