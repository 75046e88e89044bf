/**
 * From the paths that a snapshot or a change log speaks of to the folders that we know. A folder that was not told of
 * yet gets a stand-in, which becomes the folder when it is.
 */
import { LRUCache } from 'lru-cache';
import type { DrivePath, ItemId } from '../drive/index.js';
import { doubtedFolder } from './doubted-place.js';
import type { NameIn } from './note-move.js';
import type { EntryKey } from './tree-entry.js';
import { splitPath } from './tree-paths.js';
import { ROOT_KEY } from './tree-schema.js';
import type { TreeStore } from './tree-store.js';

const MOST_REMEMBERED = 5_000;

interface ResolverParts {
  readonly store: TreeStore;
  readonly doubted: ReadonlyMap<ItemId, NameIn>;
}

export class PathResolver {
  readonly #parts: ResolverParts;
  readonly #folders = new LRUCache<DrivePath, EntryKey>({ max: MOST_REMEMBERED });

  constructor(parts: ResolverParts) {
    this.#parts = parts;
  }

  /** The folder that the tree has at `path`. */
  folder(path: DrivePath): EntryKey {
    if (path === '/') return ROOT_KEY;
    const remembered = this.#folders.get(path);
    if (remembered !== undefined) return remembered;
    const { folder, name } = splitPath(path);
    const parent = this.folder(folder);
    const key = this.#find(parent, name) ?? this.#parts.store.insertStandIn(parent, name).key;
    this.#folders.set(path, key);
    return key;
  }

  #find(parent: EntryKey, name: string): EntryKey | undefined {
    const { store } = this.#parts;
    const present = store.named(parent, name);
    if (present?.item.kind === 'folder') return present.key;
    return store.standIn(parent, name)?.key ?? doubtedFolder(this.#parts, parent, name);
  }

  /** The folder at `path` may be another one since. */
  forgetOne(path: DrivePath): void {
    this.#folders.delete(path);
  }

  /** Folders may have changed their places since: whenever others may have had a turn. */
  forget(): void {
    this.#folders.clear();
  }
}
