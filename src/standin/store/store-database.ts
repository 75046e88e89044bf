/**
 * Keeps a library over restarts, kills included: every change of the store is written before the store answers. What
 * the recycle bin held is gone after a restart, and so are locks.
 */
import { join } from 'node:path';
import { type Database, openDatabase, type Statement } from '../../base/index.js';
import type { ChangeEntry, ChangeType } from './change-log.js';
import type { Content, ContentRecord } from './content.js';
import type { Item } from './item.js';

const SCHEMA = `
  CREATE TABLE items (
    number INTEGER PRIMARY KEY, parent INTEGER NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,
    created REAL NOT NULL, modified REAL NOT NULL, content TEXT, properties TEXT
  ) STRICT;
  CREATE TABLE changes (
    sequence INTEGER PRIMARY KEY, at REAL NOT NULL, type TEXT NOT NULL, number INTEGER NOT NULL, folder INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
`;

interface ItemRow {
  readonly number: number;
  readonly parent: number;
  readonly name: string;
  readonly version: number;
  readonly created: number;
  readonly modified: number;
  readonly content: string | null;
  readonly properties: string | null;
}

interface ChangeRow {
  readonly sequence: number;
  readonly at: number;
  readonly type: string;
  readonly number: number;
  readonly folder: number;
}

export interface StoredItem {
  readonly item: Item;
  readonly parent: number;
}

export class StoreDatabase {
  readonly #database: Database;
  readonly #putItem: Statement;
  readonly #dropItem: Statement;
  readonly #putChange: Statement;
  readonly #putNumber: Statement;
  readonly #restoreContent: (record: ContentRecord) => Content;

  constructor(directory: string, restoreContent: (record: ContentRecord) => Content) {
    this.#database = openDatabase({ path: join(directory, 'library.db'), migrations: [SCHEMA] });
    this.#restoreContent = restoreContent;
    this.#putItem = this.#database.prepare('REPLACE INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
    this.#dropItem = this.#database.prepare('DELETE FROM items WHERE number = ?');
    this.#putChange = this.#database.prepare('REPLACE INTO changes VALUES (?, ?, ?, ?, ?)');
    this.#putNumber = this.#database.prepare("REPLACE INTO numbers VALUES ('next', ?)");
  }

  *items(): Generator<StoredItem> {
    for (const row of this.#database.prepare('SELECT * FROM items').iterate()) {
      yield { item: this.#itemOf(row as ItemRow), parent: (row as ItemRow).parent };
    }
  }

  *changes(): Generator<ChangeEntry> {
    for (const row of this.#database.prepare('SELECT * FROM changes ORDER BY sequence').iterate()) {
      const { sequence, at, type, number, folder } = row as ChangeRow;
      yield { sequence, atMs: at, type: type as ChangeType, number, isFolder: folder === 1 };
    }
  }

  /** The number that the next item gets. */
  get nextNumber(): number {
    const row = this.#database.prepare("SELECT value FROM numbers WHERE name = 'next'").get();
    return (row as { value: number } | undefined)?.value ?? 1;
  }

  put(item: Item, nextNumber: number): void {
    const properties = item.extra?.properties;
    this.#putItem.run(
      item.number,
      item.parent?.number ?? 0,
      item.name,
      item.version,
      item.createdMs,
      item.modifiedMs,
      item.kind === 'file' ? JSON.stringify(item.content.record()) : null,
      properties === undefined ? null : JSON.stringify([...properties]),
    );
    this.#putNumber.run(nextNumber);
  }

  drop(number: number): void {
    this.#dropItem.run(number);
  }

  change(entry: ChangeEntry): void {
    this.#putChange.run(entry.sequence, entry.atMs, entry.type, entry.number, entry.isFolder ? 1 : 0);
  }

  /** All that `work` changes is written at once. */
  together<Result>(work: () => Result): Result {
    return this.#database.inTransaction ? work() : this.#database.transaction(work)();
  }

  close(): void {
    this.#database.close();
  }

  #itemOf(row: ItemRow): Item {
    const base = {
      number: row.number,
      name: row.name,
      parent: null,
      version: row.version,
      createdMs: row.created,
      modifiedMs: row.modified,
      extra:
        row.properties === null
          ? undefined
          : { properties: new Map<string, string>(JSON.parse(row.properties)) },
    };
    if (row.content === null) return { kind: 'folder', ...base, children: new Map() };
    return { kind: 'file', ...base, content: this.#restoreContent(JSON.parse(row.content) as ContentRecord) };
  }
}
