/**
 * The durable record: one SQLite database. Each change is one transaction that survives `kill -9` when the call
 * returns (it is in the write-ahead log by write(2)), and a power cut after `Durability.sync`. It checkpoints nothing
 * by itself, so that the calling thread never waits for the disk.
 */
import { basename, join } from 'node:path';
import { type Database, openDatabase, type Statement } from '../base/index.js';
import type { ItemId } from '../drive/index.js';
import { rowOf as attributeRowOf } from './attribute-row.js';
import { codeOf, onDisk } from './disk-error.js';
import { ENTRY_COLUMNS, type EntryRow, entryOf, rowOf } from './entry-row.js';
import type { OwedSession } from './growing-names.js';
import type { JournalReserve } from './journal-reserve.js';
import { JOURNAL_MIGRATIONS } from './journal-schema.js';
import type { LocalAttributes } from './local-attributes.js';
import type { Ino } from './spool.js';
import type { SpoolEntry } from './spool-entry.js';

/** All that was set here of one node. */
export interface NodeAttributes {
  readonly ino: Ino;
  readonly attributes: LocalAttributes;
}

export interface JournalChange {
  readonly put?: readonly SpoolEntry[];
  readonly drop?: readonly Ino[];
  readonly bind?: { readonly ino: Ino; readonly item: ItemId; readonly path: string | null } | null;
  readonly unbind?: readonly Ino[];
  readonly conflict?: { readonly copy: Ino; readonly original: Ino; readonly atMs: number } | null;
  readonly resolved?: readonly Ino[];
  /** Uploads that nobody will go on with. */
  readonly abandoned?: readonly OwedSession[];
  readonly attributes?: readonly NodeAttributes[];
}

export class Journal {
  readonly database: Database;
  readonly path: string;
  readonly #payloads: string;
  readonly #reserve: JournalReserve;
  readonly #putEntry: Statement;
  readonly #dropEntry: Statement;
  readonly #putIdentity: Statement;
  readonly #dropIdentity: Statement;
  readonly #putConflict: Statement;
  readonly #dropConflict: Statement;
  readonly #putCounter: Statement;
  readonly #putAbandoned: Statement;
  readonly #dropAbandoned: Statement;
  readonly #putAttributes: Statement;
  readonly #apply: (change: JournalChange) => void;

  /** Throws SqliteError when the file is damaged, `DatabaseTooNew` when a newer odbfs wrote it. */
  constructor(path: string, payloads: string, reserve: JournalReserve) {
    this.path = path;
    this.#payloads = payloads;
    this.#reserve = reserve;
    this.database = reserve.use(() => openDatabase({ path, migrations: JOURNAL_MIGRATIONS }));
    const db = this.database;
    db.pragma('wal_autocheckpoint = 0');
    // The log's length tells when a checkpoint is due, so it has to shrink after one.
    db.pragma('journal_size_limit = 0');
    const values = ENTRY_COLUMNS.map(() => '?').join(', ');
    this.#putEntry = db.prepare(
      `INSERT OR REPLACE INTO owed (${ENTRY_COLUMNS.join(', ')}) VALUES (${values})`,
    );
    this.#dropEntry = db.prepare('DELETE FROM owed WHERE ino = ?');
    this.#putIdentity = db.prepare('INSERT OR REPLACE INTO identities (ino, item, path) VALUES (?, ?, ?)');
    this.#dropIdentity = db.prepare('DELETE FROM identities WHERE ino = ?');
    this.#putConflict = db.prepare('INSERT OR REPLACE INTO conflicts VALUES (?, ?, ?)');
    this.#dropConflict = db.prepare('DELETE FROM conflicts WHERE copy = ?');
    this.#putCounter = db.prepare('INSERT OR REPLACE INTO counters VALUES (?, ?)');
    this.#putAbandoned = db.prepare('INSERT INTO abandoned (session) VALUES (?)');
    this.#dropAbandoned = db.prepare('DELETE FROM abandoned WHERE id = ?');
    this.#putAttributes = db.prepare(
      'INSERT OR REPLACE INTO attributes VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)',
    );
    this.#apply = db.transaction((change: JournalChange) => this.#write(change));
  }

  apply(change: JournalChange): void {
    // One statement is a transaction by itself, for less.
    const isOne = statementsOf(change) === 1;
    this.#record(() => (isOne ? this.#write(change) : this.#apply(change)));
  }

  /** Rows that could not be understood come back as their inos. */
  load(): { readonly entries: SpoolEntry[]; readonly unreadable: Ino[] } {
    const entries: SpoolEntry[] = [];
    const unreadable: Ino[] = [];
    for (const row of this.database.prepare('SELECT * FROM owed').iterate() as Iterable<EntryRow>) {
      const entry = entryOf(row, (name) => join(this.#payloads, basename(name)));
      if (entry === undefined) unreadable.push(row.ino);
      else entries.push(entry);
    }
    return { entries, unreadable };
  }

  conflicts(): { copy: Ino; original: Ino; at_ms: number }[] {
    return this.database.prepare('SELECT * FROM conflicts').all() as {
      copy: Ino;
      original: Ino;
      at_ms: number;
    }[];
  }

  /** The oldest upload that is to be given up on the server. */
  abandoned(): { readonly id: number; readonly session: OwedSession } | undefined {
    const row = this.database.prepare('SELECT id, session FROM abandoned ORDER BY id LIMIT 1').get();
    if (row === undefined) return undefined;
    const { id, session } = row as { id: number; session: string };
    return { id, session: JSON.parse(session) as OwedSession };
  }

  /** All of them. */
  allAbandoned(): readonly OwedSession[] {
    const rows = this.database.prepare('SELECT session FROM abandoned').pluck().all() as string[];
    return rows.map((session) => JSON.parse(session) as OwedSession);
  }

  dropAbandoned(id: number): void {
    this.#record(() => this.#dropAbandoned.run(BigInt(id)));
  }

  counter(name: string): number {
    const value = this.database.prepare('SELECT value FROM counters WHERE name = ?').pluck().get(name);
    return (value as number | undefined) ?? 0;
  }

  setCounter(name: string, value: number): void {
    this.#record(() => this.#putCounter.run(name, BigInt(value)));
  }

  close(): void {
    if (!this.database.open) return;
    try {
      this.database.pragma('wal_checkpoint(TRUNCATE)');
    } catch (error) {
      // A full disk: all of it is in the log, from which the next start reads it.
      if (codeOf(error) !== 'SQLITE_FULL') throw error;
    } finally {
      this.database.close();
    }
  }

  #record(work: () => unknown): void {
    onDisk(() => this.#reserve.use(work));
  }

  #write(change: JournalChange): void {
    const { put = [], drop = [], bind, unbind = [], conflict, resolved = [], abandoned = [] } = change;
    for (const { ino, attributes } of change.attributes ?? [])
      this.#putAttributes.run(...attributeRowOf(ino, attributes));
    for (const ino of drop) this.#dropEntry.run(BigInt(ino));
    for (const ino of unbind) this.#dropIdentity.run(BigInt(ino));
    for (const ino of resolved) this.#dropConflict.run(BigInt(ino));
    for (const entry of put) this.#putEntry.run(...rowOf(entry, basename));
    for (const session of abandoned) this.#putAbandoned.run(JSON.stringify(session));
    if (bind) this.#putIdentity.run(BigInt(bind.ino), bind.item, bind.path);
    if (conflict) this.#putConflict.run(BigInt(conflict.copy), BigInt(conflict.original), conflict.atMs);
  }
}

function statementsOf(change: JournalChange): number {
  const { put, drop, unbind, resolved, abandoned, attributes, bind, conflict } = change;
  const lists = [put, drop, unbind, resolved, abandoned, attributes];
  return lists.reduce((sum, list) => sum + (list?.length ?? 0), (bind ? 1 : 0) + (conflict ? 1 : 0));
}
