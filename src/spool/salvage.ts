/**
 * A damaged journal: what reads is copied, row by row, into a new one, and the damaged file is kept beside it for a
 * person to look at. Payloads that only the unreadable part knew of are quarantined by recovery afterwards.
 */
import { existsSync, renameSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { Statement } from '../base/index.js';
import { JOURNAL_TABLES } from './journal-schema.js';

type Row = Record<string, unknown>;

/** Reads of a damaged table, at most; between what reads from its two ends. */
const MOST_READS = 20_000;
const LARGEST_INO = 2n ** 53n;

export interface Salvaged {
  readonly damagedFile: string;
  readonly rows: ReadonlyMap<string, readonly Row[]>;
}

/** Moves the damaged journal aside and reads what can be read of it. */
export function salvage(path: string, suffix: string): Salvaged {
  const damagedFile = `${path}.damaged-${suffix}`;
  for (const part of ['', '-wal', '-shm'])
    if (existsSync(path + part)) renameSync(path + part, damagedFile + part);
  const rows = new Map<string, readonly Row[]>();
  let database: Database.Database | undefined;
  try {
    database = new Database(damagedFile);
    for (const table of JOURNAL_TABLES) rows.set(table, readTable(database, table));
  } catch {
    // Not even a database any more: nothing reads.
  } finally {
    database?.close();
  }
  return { damagedFile, rows };
}

/** Puts salvaged rows into a fresh journal; a row that does not fit is left out. */
export function restore(database: Database.Database, rows: Salvaged['rows']): void {
  for (const [table, list] of rows) {
    for (const row of list) {
      const columns = Object.keys(row);
      const marks = columns.map(() => '?').join(', ');
      try {
        database
          .prepare(`INSERT OR REPLACE INTO ${table} (${columns.join(', ')}) VALUES (${marks})`)
          .run(...columns.map((column) => row[column]));
      } catch {
        // Its payload, if it had one, is quarantined.
      }
    }
  }
}

function readTable(database: Database.Database, table: string): Row[] {
  const rows: Row[] = [];
  try {
    for (const row of database.prepare(`SELECT * FROM ${table}`).safeIntegers().iterate())
      rows.push(row as Row);
    return rows;
  } catch {
    return table === 'counters' ? rows : readByKey(database, table);
  }
}

/**
 * By halves of the key's range, from above and then from below: what fails is halved again, until it is one row or the
 * bound is met. Ranges that no row is in fail as well when they border on damage, hence the bound and the two ways.
 */
function readByKey(database: Database.Database, table: string): Row[] {
  const found = new Map<bigint, Row>();
  const select = database
    .prepare(`SELECT * FROM ${table} WHERE rowid > ? AND rowid <= ? ORDER BY rowid`)
    .safeIntegers();
  for (const fromAbove of [true, false]) {
    const ranges: [bigint, bigint][] = [[0n, LARGEST_INO]];
    for (let reads = 0; ranges.length > 0 && reads < MOST_READS; reads += 1) {
      const [low, high] = ranges.pop()!;
      const last = readRange(select, [low, high], found);
      if (last === null || high - last <= 1n) continue;
      const middle = (last + high) / 2n;
      const [lower, upper]: [bigint, bigint][] = [
        [last, middle],
        [middle, high],
      ];
      ranges.push(...(fromAbove ? [lower!, upper!] : [upper!, lower!]));
    }
  }
  return [...found.values()];
}

/** Null when the whole range reads; else the last key that did. */
function readRange(select: Statement, [low, high]: [bigint, bigint], found: Map<bigint, Row>): bigint | null {
  let last = low;
  try {
    for (const row of select.iterate(low, high) as Iterable<Row>) {
      last = (row.ino ?? row.copy) as bigint;
      found.set(last, row);
    }
    return null;
  } catch {
    return last;
  }
}
