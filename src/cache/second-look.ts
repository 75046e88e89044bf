/**
 * What a snapshot and the changes since its beginning did not show is looked for once more where it is known to be: much may
 * have left the library and come back meanwhile. What is there is as the server says now, and not as it was.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { groupedBy } from '../base/index.js';
import {
  absentAsNull,
  DriveError,
  type DriveItem,
  type DrivePath,
  type ItemId,
  type RequestOptions,
} from '../drive/index.js';
import type { QuestionParts } from './drive-answers.js';
import type { Answer } from './recent-truth.js';
import type { EntryKey, TreeEntry } from './tree-entry.js';
import { childPath, isPlaced, pathOf } from './tree-paths.js';
import { TreeWriter } from './tree-writer.js';

/** More items than this, in more folders than this, are believed to be gone without looking for them. */
const MOST_LOOKS = 50;
/** Stored before others get a turn. */
const FOUND_AT_ONCE = 50;

/** What is to be found at a path, and how it was asked for. */
interface Shown {
  readonly path: DrivePath;
  readonly item: DriveItem;
  readonly answer: Answer;
}

export class SecondLook {
  readonly #parts: QuestionParts;

  constructor(parts: QuestionParts) {
    this.#parts = parts;
  }

  /** Resolves with those that are not there. */
  async notThere(entries: readonly TreeEntry[], options: RequestOptions): Promise<readonly TreeEntry[]> {
    const missing = entries.length > MOST_LOOKS ? await this.#notListed(entries, options) : entries;
    if (missing.length > MOST_LOOKS) return missing;
    const gone: TreeEntry[] = [];
    for (const entry of missing) if (!(await this.#isThere(entry, options))) gone.push(entry);
    return gone;
  }

  async #isThere(entry: TreeEntry, options: RequestOptions): Promise<boolean> {
    const path = pathOf(this.#parts.store, entry);
    if (path === undefined) return true;
    return this.#parts.recent.asking(async (answer) => {
      const item = await absentAsNull(this.#parts.drive.stat(path, options));
      if (item?.id !== entry.item.id) return false;
      this.#found(entry, { path, item, answer });
      return true;
    });
  }

  /** One listing for all that are missing in a folder: what it does not show may be there all the same. */
  async #notListed(entries: readonly TreeEntry[], options: RequestOptions): Promise<readonly TreeEntry[]> {
    const byFolder = groupedBy(entries, ({ parent }) => parent);
    if (byFolder.size > MOST_LOOKS) return entries;
    const missing: TreeEntry[] = [];
    for (const [folder, some] of byFolder) missing.push(...(await this.#missingIn(folder, some, options)));
    return missing;
  }

  async #missingIn(
    folder: EntryKey,
    entries: readonly TreeEntry[],
    options: RequestOptions,
  ): Promise<Iterable<TreeEntry>> {
    const { store, drive } = this.#parts;
    const missing = new Map<ItemId, TreeEntry>(entries.map((entry) => [entry.item.id, entry]));
    const parent = store.byKey(folder);
    const at = parent && pathOf(store, parent);
    if (at === undefined) return entries;
    await this.#parts.recent
      .asking(async (answer) => {
        for await (const { items } of drive.list(at, options))
          for (const item of items) {
            const entry = missing.get(item.id);
            if (entry === undefined) continue;
            missing.delete(item.id);
            this.#found(entry, { path: childPath(at, item.name), item, answer });
            if (missing.size % FOUND_AT_ONCE === 0) await nextTurn();
          }
      })
      .catch((error: unknown) => {
        if (!(error instanceof DriveError) || error.kind !== 'absent') throw error;
      });
    return missing.values();
  }

  /** What is in a folder the snapshot did not show either. */
  #found({ key }: TreeEntry, { path, item, answer }: Shown): void {
    const { store, state, changes } = this.#parts;
    const entry = store.byKey(key);
    if (!isPlaced(entry) || pathOf(store, entry) !== path) return;
    store.database.transaction(() => {
      const writer = new TreeWriter(this.#parts, answer);
      writer.place(entry.parent, item);
      writer.settle();
      if (item.kind === 'folder') state.leavesOut();
    })();
    changes.tell();
  }
}
