/** Reads the snapshot's early pages once more, and finds what they had not shown, or show no more. */
import type { RequestOptions, SnapshotPage, UnversionedItem } from '../drive/index.js';
import type { ChangeFeed } from './change-feed.js';
import type { QuestionParts } from './drive-answers.js';
import type { EarlyPages } from './early-pages.js';
import type { SnapshotReader } from './snapshot-reader.js';
import { entryAt, splitPath } from './tree-paths.js';
import { isListed } from './tree-state.js';

export class EarlyReader {
  readonly #parts: QuestionParts;
  readonly #pages: EarlyPages;
  readonly #snapshot: SnapshotReader;
  readonly #feed: ChangeFeed;

  constructor(parts: QuestionParts, pages: EarlyPages, snapshot: SnapshotReader, feed: ChangeFeed) {
    this.#parts = parts;
    this.#pages = pages;
    this.#snapshot = snapshot;
    this.#feed = feed;
  }

  /** Those that are due. True: something is in doubt then, and is looked for with the next changes. */
  async read(options: RequestOptions): Promise<boolean> {
    const { recent } = this.#parts;
    let isRead = false;
    const pages = this.#pages.readAgain((cursor) => this.#snapshot.readAgain(cursor, options));
    for await (const { page, missing } of pages) {
      isRead = true;
      for (const id of missing) if (!recent.isToldByLog(id)) this.#feed.doubt(id, []);
      for (const { item, path } of this.#unknownIn(page)) this.#feed.doubt(item.id, [path]);
    }
    return isRead && this.#feed.isInDoubt;
  }

  /** Files without their versions, in folders that were listed without them: nobody lists those again. */
  #unknownIn({ unversioned }: SnapshotPage): readonly UnversionedItem[] {
    const { store, state } = this.#parts;
    return unversioned.filter(({ item, path }) => {
      if (item.kind !== 'file' || store.byId(item.id) !== undefined) return false;
      const folder = entryAt(store, splitPath(path).folder);
      return folder !== undefined && isListed(folder, state);
    });
  }
}
