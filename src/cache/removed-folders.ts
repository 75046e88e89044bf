/**
 * Folders that we removed on the server lately, by where they were. A page of the change log that was asked for before
 * that may still put into them what others have taken out since, which is why we could remove them.
 */
import { LRUCache } from 'lru-cache';
import type { DrivePath, ItemId } from '../drive/index.js';
import type { Answer, RecentTruth } from './recent-truth.js';
import type { EntryKey } from './tree-entry.js';
import { splitPath } from './tree-paths.js';
import { ROOT_KEY } from './tree-schema.js';
import type { TreeStore } from './tree-store.js';

const MOST_REMEMBERED = 1_000;

export class RemovedFolders {
  readonly #ids = new LRUCache<string, ItemId>({ max: MOST_REMEMBERED });
  #newest: ItemId | null = null;

  removed(parent: EntryKey, name: string, id: ItemId): void {
    this.#ids.set(placeKey(parent, name), id);
    this.#newest = id;
  }

  /** Whether any was removed after `answer` was asked for: most pages need not be looked at more closely. */
  concern(answer: Answer, recent: RecentTruth): boolean {
    return this.#newest !== null && recent.isNewer(this.#newest, answer);
  }

  /** Whether `path` leads into one that we removed after `answer` was asked for. */
  leadsInto(
    path: DrivePath,
    answer: Answer,
    { store, recent }: { readonly store: TreeStore; readonly recent: RecentTruth },
  ): boolean {
    const { folder } = splitPath(path);
    let at: EntryKey = ROOT_KEY;
    for (const name of folder.split('/').filter((part) => part !== '')) {
      const known = store.named(at, name);
      if (known === undefined) {
        const id = this.#ids.get(placeKey(at, name));
        return id !== undefined && recent.isNewer(id, answer);
      }
      at = known.key;
    }
    return false;
  }
}

function placeKey(parent: EntryKey, name: string): string {
  return `${parent}/${name}`;
}
