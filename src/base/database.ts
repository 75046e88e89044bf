import Database from 'better-sqlite3';

export type { Database, Statement } from 'better-sqlite3';

/**
 * How much of what was committed a crash may take (SQLite's `synchronous`, WAL mode): `off` survives `kill -9`, and a
 * power cut once the write-ahead log was synced by the caller; `normal` never corrupts.
 */
export interface DatabaseOptions {
  readonly path: string;
  /** One script per schema version, applied in order; the count is kept in `user_version`. */
  readonly migrations: readonly string[];
}

/** Thrown when the file's schema is newer than this program. */
export class DatabaseTooNew extends Error {
  override readonly name = 'DatabaseTooNew';
}

/** Opens (or creates) a WAL database and brings its schema up to date in one transaction. Throws SqliteError if damaged. */
export function openDatabase(options: DatabaseOptions): Database.Database {
  const database = new Database(options.path);
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL');
    database.pragma('foreign_keys = ON');
    migrate(database, options);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

function migrate(database: Database.Database, { path, migrations }: DatabaseOptions): void {
  const version = database.pragma('user_version', { simple: true }) as number;
  if (version > migrations.length) {
    throw new DatabaseTooNew(`${path} was written by a newer odbfs (schema ${version}): upgrade odbfs`);
  }
  // What is up to date is not written to: the disk may be full.
  if (version === migrations.length) return;
  database.transaction(() => {
    for (const script of migrations.slice(version)) database.exec(script);
    database.pragma(`user_version = ${migrations.length}`);
  })();
}
