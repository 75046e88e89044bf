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
  /** What is pinned could not be fetched now. */
  pinFailed(item: ItemId): void;
}

export class WholeFetches {
  readonly #parts: WholeFetchParts;
  readonly #ahead: PrefetchQueue<Task>;
  readonly #pins: PrefetchQueue<Task>;
  /** The version of each pinned item that was asked for last: an older one may still be on its way. */
  readonly #pinned = new Map<ItemId, string>();

  constructor(parts: WholeFetchParts) {
    this.#parts = parts;
    const { limits } = parts;
    this.#ahead = new PrefetchQueue(limits.prefetchParallel, limits.prefetchWaiting, async (task, signal) => {
      await this.#fetch(task, signal);
    });
    this.#pins = new PrefetchQueue(limits.pinParallel, Number.POSITIVE_INFINITY, async (task, signal) => {
      if (await this.#fetch(task, signal)) this.#arrived(task);
      else if (!signal.aborted) parts.pinFailed(task.item);
    });
  }

  pin(item: ItemId, { version, size }: Wanted): void {
    const name = nameOf(item, version);
    if (this.#pinned.get(item) !== name) this.unpin(item);
    this.#pinned.set(item, name);
    this.#pins.add(name, { item, version, size });
  }

  unpin(item: ItemId): void {
    const name = this.#pinned.get(item);
    if (name !== undefined) this.#pins.remove(name);
    this.#pinned.delete(item);
  }

  /** Dropped when too many wait already. */
  ahead(item: ItemId, { version, size }: Wanted): void {
    this.#ahead.add(nameOf(item, version), { item, version, size });
  }

  async close(): Promise<void> {
    await Promise.all([this.#ahead.close(), this.#pins.close()]);
  }

  #arrived({ item, version }: Task): void {
    if (this.#pinned.get(item) === nameOf(item, version)) this.#pinned.delete(item);
  }

  /** False: it could not be had. */
  async #fetch({ item, version, size }: Task, signal: AbortSignal): Promise<boolean> {
    if (this.#parts.isComplete(item, version)) return true;
    const entry = this.#parts.enter(item, version, size);
    try {
      await entry.fillIn('bulk', signal);
      return true;
    } catch (error) {
      if (!signal.aborted) this.#parts.log.debug({ error }, 'content could not be fetched ahead');
      return false;
    } finally {
      entry.close();
    }
  }
}

function nameOf(item: ItemId, version: Version): string {
  return `${item}\n${version}`;
}
