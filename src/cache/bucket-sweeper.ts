/**
 * Deletes what has left the tree, with all that was below it, in slices; what others removed is told item by item.
 * A folder with a million items below leaves the tree at once and is cleared away while nobody waits.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDatabaseFull } from './disk-full.js';
import type { TreeEntry } from './tree-entry.js';
import { DISPLACED_BUCKET, LOUD_BUCKET, SILENT_BUCKET } from './tree-schema.js';
import { FIRST_CHILD, type TreeStore } from './tree-store.js';
import type { TreeParts } from './tree-writer.js';

const ITEMS_PER_STEP = 100;

export class BucketSweeper {
  readonly #parts: TreeParts;
  #sweeping: Promise<void> | null = null;
  #isClosed = false;

  constructor(parts: TreeParts) {
    this.#parts = parts;
    parts.store.onLeft = () => this.poke();
  }

  /** What a daemon that was killed left displaced is nobody's any more. */
  recover(): void {
    const { store } = this.#parts;
    store.database.transaction(() => {
      for (const entry of displacedIn(store)) store.move(entry, SILENT_BUCKET);
    })();
    this.poke();
  }

  /** Something may have to be deleted, soon. */
  poke(): void {
    if (this.#isClosed) return;
    this.#sweeping ??= this.#sweep().finally(() => {
      this.#sweeping = null;
    });
  }

  /** Resolves when nothing is left to delete. */
  async idle(): Promise<void> {
    while (this.#sweeping !== null) await this.#sweeping;
  }

  /** What is left is deleted at the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.idle();
  }

  async #sweep(): Promise<void> {
    try {
      do await nextTurn();
      while (!this.#isClosed && this.#step());
    } catch (error) {
      // It has left the tree; that it goes from the disk as well may wait for the next thing that leaves, or start.
      if (!isDatabaseFull(error)) throw error;
    }
  }

  /** False: there was nothing to do. */
  #step(): boolean {
    const { store, changes } = this.#parts;
    const found = store.database.transaction(
      () => this.#stepIn(LOUD_BUCKET) || this.#stepIn(SILENT_BUCKET),
    )();
    changes.tell();
    return found;
  }

  #stepIn(bucket: number): boolean {
    const { store } = this.#parts;
    const [first, ...others] = store.children(bucket, FIRST_CHILD, ITEMS_PER_STEP);
    if (first === undefined) return false;
    let room = this.#clear(first, bucket, ITEMS_PER_STEP);
    for (const entry of others) {
      if (room <= 0) break;
      room = this.#clear(entry, bucket, room);
    }
    return true;
  }

  /** Takes the entry's children into the bucket; the entry itself goes when it has none left. */
  #clear(entry: TreeEntry, bucket: number, room: number): number {
    const { store, changes } = this.#parts;
    const children = entry.item.kind === 'folder' ? store.children(entry.key, FIRST_CHILD, room) : [];
    for (const child of children) {
      store.move(child, bucket);
      if (!child.isStandIn && this.#isTold(entry, child, bucket))
        changes.add({ kind: 'removed', parent: entry.item.id, item: child.item });
    }
    if (children.length < room) store.delete(entry);
    return room - children.length - 1;
  }

  /** Of what is below a folder that nobody saw the place of, it is told later what became of it. */
  #isTold(folder: TreeEntry, { item }: TreeEntry, bucket: number): boolean {
    const { unplaced } = this.#parts;
    if (bucket === LOUD_BUCKET) return true;
    if (unplaced.get(folder.item.id) === undefined) return false;
    return !unplaced.add(folder.key, { parent: folder.key, folder: folder.item.id, item });
  }
}

function* displacedIn(store: TreeStore): Iterable<TreeEntry> {
  for (;;) {
    const step = store.children(DISPLACED_BUCKET, FIRST_CHILD, ITEMS_PER_STEP);
    yield* step;
    if (step.length < ITEMS_PER_STEP) return;
  }
}
