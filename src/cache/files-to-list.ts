/**
 * How many files a snapshot told of in a folder whose listing is to tell of them for good, because the snapshot does not
 * know their versions. A listing may leave one out (protocol notes 5.2.7), and nobody would tell of it again: one that has
 * fewer is read once more, and the folder once more by whoever comes next. Kept beside the tree's rows until the folder
 * is listed: that may be long after the snapshot, and after a restart.
 */
import type { Database, Statement } from '../base/index.js';
import type { EntryKey } from './tree-entry.js';

/** Files may have gone since: a folder that shows fewer as often as this has no more. */
const MOST_SHORT_LISTINGS = 3;
/** So many folders are written in one piece. */
const FOLDERS_AT_ONCE = 50;

export const FILES_TO_LIST_SCRIPT = `
CREATE TABLE files_to_list (
  folder INTEGER PRIMARY KEY,
  files INTEGER NOT NULL,
  short_listings INTEGER NOT NULL DEFAULT 0
) STRICT;
`;

export class FilesToList {
  readonly #statements: Record<'files' | 'add' | 'short' | 'forget' | 'clear', Statement>;
  /** Told of by the page that is being stored. */
  readonly #told = new Map<EntryKey, number>();

  constructor(database: Database) {
    this.#statements = {
      files: database.prepare('SELECT files FROM files_to_list WHERE folder = ?').pluck(),
      add: database.prepare(
        'INSERT INTO files_to_list (folder, files) VALUES (?, ?) ON CONFLICT DO UPDATE SET files = files + excluded.files',
      ),
      short: database
        .prepare(
          'UPDATE files_to_list SET short_listings = short_listings + 1 WHERE folder = ? RETURNING short_listings',
        )
        .pluck(),
      forget: database.prepare('DELETE FROM files_to_list WHERE folder = ?'),
      clear: database.prepare('DELETE FROM files_to_list'),
    };
  }

  /** A page of the snapshot begins. What an attempt at it that was given up told of is told again. */
  beginPage(): void {
    this.#told.clear();
  }

  /** A file of `folder` was told of. */
  told(folder: EntryKey): void {
    this.#told.set(folder, (this.#told.get(folder) ?? 0) + 1);
  }

  /**
   * What the page told of is stored, in short pieces, in the caller's transactions. If that is given up half-way, some
   * folders are counted twice: they are listed as often as files that have gone since.
   */
  *storing(): Iterable<void> {
    let written = 0;
    for (const [folder, files] of this.#told) {
      this.#statements.add.run(folder, files);
      this.#told.delete(folder);
      written += 1;
      if (written % FOLDERS_AT_ONCE === 0) yield;
    }
  }

  in(folder: EntryKey): number {
    return ((this.#statements.files.get(folder) as number | undefined) ?? 0) + (this.#told.get(folder) ?? 0);
  }

  /** What was told of in the one is in the other: the same folder, as is known now. */
  joined(from: EntryKey, to: EntryKey): void {
    const files = this.in(from);
    if (files === 0) return;
    this.#told.delete(from);
    this.#statements.forget.run(from);
    this.#statements.add.run(to, files);
  }

  /** The folder was listed with so many files. False: there may be more, and it is to be listed again. */
  listed(folder: EntryKey, files: number): boolean {
    const told = this.in(folder);
    if (told === 0) return true;
    const shortListings = this.#statements.short.get(folder) as number | undefined;
    if (files < told && (shortListings ?? 0) < MOST_SHORT_LISTINGS) return false;
    this.#told.delete(folder);
    this.#statements.forget.run(folder);
    return true;
  }

  /** Another snapshot begins. */
  clear(): void {
    this.#told.clear();
    this.#statements.clear.run();
  }
}
