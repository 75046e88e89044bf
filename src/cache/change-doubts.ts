/**
 * What a change log said against newer truth of ours. It may have been newer still, and it will not be said again: the
 * items are asked for, where the tree shows them and where the log put them, until one of both is sure.
 */
import type { DriveItem, DrivePath, ItemId, RequestOptions } from '../drive/index.js';
import { absentAsNull, type QuestionParts } from './drive-answers.js';
import type { PathResolver } from './path-resolver.js';
import type { Answer } from './recent-truth.js';
import { isPlaced, pathOf, splitPath } from './tree-paths.js';
import { TreeWriter } from './tree-writer.js';

/** Looked at after one round of changes. */
const MOST_DOUBTS = 200;

export class ChangeDoubts {
  readonly #parts: QuestionParts;
  readonly #resolver: PathResolver;
  /** Where the log put them; null: it said that they are gone. */
  readonly #saidAt = new Map<ItemId, DrivePath | null>();

  constructor(parts: QuestionParts, resolver: PathResolver) {
    this.#parts = parts;
    this.#resolver = resolver;
  }

  add(id: ItemId, saidAt: DrivePath | null): void {
    if (this.#saidAt.has(id) || this.#saidAt.size < MOST_DOUBTS) this.#saidAt.set(id, saidAt);
  }

  async resolve(options: RequestOptions): Promise<void> {
    for (const [id, saidAt] of [...this.#saidAt]) {
      if (await this.#isResolved(id, saidAt, options)) this.#saidAt.delete(id);
    }
    this.#parts.changes.tell();
  }

  async #isResolved(id: ItemId, saidAt: DrivePath | null, options: RequestOptions): Promise<boolean> {
    const { drive, recent } = this.#parts;
    const shownAt = this.#shownAt(id);
    const answer = recent.ask('direct');
    try {
      for (const path of new Set([shownAt, saidAt])) {
        if (path === null) continue;
        const item = await absentAsNull(drive.stat(path, options));
        if (this.#shownAt(id) !== shownAt || recent.isNewer(id, answer)) return false;
        if (item?.id === id) return this.#place(path, item, answer);
      }
      return this.#isGone(id, answer);
    } finally {
      recent.answered(answer);
    }
  }

  /** Null: nowhere. */
  #shownAt(id: ItemId): DrivePath | null {
    const { store } = this.#parts;
    const entry = store.byId(id);
    return (isPlaced(entry) ? pathOf(store, entry) : null) ?? null;
  }

  #place(path: DrivePath, item: DriveItem, answer: Answer): boolean {
    const { store } = this.#parts;
    const writer = new TreeWriter(this.#parts, answer);
    return store.database.transaction(() => {
      const placing = writer.place(this.#resolver.folder(splitPath(path).folder), item);
      writer.settle();
      this.#resolver.forget();
      return placing === 'stored';
    })();
  }

  #isGone(id: ItemId, answer: Answer): boolean {
    const { store, recent } = this.#parts;
    const entry = store.byId(id);
    if (!isPlaced(entry)) return true;
    if (recent.isOwn(id)) return false;
    new TreeWriter(this.#parts, answer).remove(entry);
    return true;
  }
}
