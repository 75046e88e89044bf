/**
 * Opens a database that may be thrown away at any time. It is never synced, so that nothing here waits for a disk on
 * the event loop: a killed daemon loses nothing, a power cut may. The latter is recognised (another boot, no clean
 * close), checked for damage, and told to the owner, who decides what such data is still worth.
 */
import { readFileSync, rmSync } from 'node:fs';
import { type Clock, type Database, DatabaseTooNew, type Log, openDatabase } from '../base/index.js';
import { DatabaseRoom } from './database-room.js';
import { isDatabaseFull } from './disk-full.js';

export interface CacheDatabase {
  readonly database: Database;
  /**
   * - `intact`  exactly as it was left
   * - `suspect` well-formed, but a power cut may have taken any of the last changes, in any order
   * - `fresh`   empty
   */
  readonly condition: 'intact' | 'suspect' | 'fresh';
  close(): void;
}

export interface CacheDatabaseOptions {
  readonly path: string;
  readonly migrations: readonly string[];
  readonly log: Log;
  readonly clock: Clock;
  /** Pages of it kept in memory at most. */
  readonly cacheBytes: number;
}

const SESSION_SCRIPT = `
CREATE TABLE session (only INTEGER PRIMARY KEY CHECK (only = 1), boot TEXT NOT NULL, clean INTEGER NOT NULL) STRICT;
`;

export function openCacheDatabase(options: CacheDatabaseOptions): CacheDatabase {
  const opened = tryOpen(options) ?? reopenEmpty(options);
  const { database, condition } = opened;
  database.prepare('INSERT OR REPLACE INTO session VALUES (1, ?, 0)').run(bootId());
  const room = new DatabaseRoom(database, options.clock, options.log);
  const close = () => {
    room.close();
    closeCleanly(database);
  };
  return { database, condition, close };
}

/** Removes the database and what belongs to it. */
export function dropCacheDatabase(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true });
}

type Opened = Pick<CacheDatabase, 'database' | 'condition'>;

function tryOpen({ path, migrations, log, cacheBytes }: CacheDatabaseOptions): Opened | null {
  let database: Database | null = null;
  try {
    database = openDatabase({ path, migrations: [SESSION_SCRIPT, ...migrations] });
    database.pragma('synchronous = OFF');
    database.pragma(`cache_size = -${Math.ceil(cacheBytes / 1024)}`);
    const condition = conditionOf(database);
    if (condition === 'suspect' && !isWellFormed(database)) throw new Error('the integrity check failed');
    return { database, condition };
  } catch (error) {
    database?.close();
    if (!isRebuildable(error)) throw error;
    log.info({ path, error }, 'a cache database could not be read: it is rebuilt');
    return null;
  }
}

function reopenEmpty(options: CacheDatabaseOptions): Opened {
  dropCacheDatabase(options.path);
  const opened = tryOpen(options);
  if (opened === null) throw new Error(`${options.path} cannot be created`);
  return opened;
}

/** A full disk or a missing directory is no reason to throw data away. */
function isRebuildable(error: unknown): boolean {
  if (error instanceof DatabaseTooNew) return true;
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string') return true;
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB' || code === 'SQLITE_ERROR';
}

function conditionOf(database: Database): CacheDatabase['condition'] {
  const session = database.prepare('SELECT boot, clean FROM session').get() as
    | { boot: string; clean: number }
    | undefined;
  if (session === undefined) return 'fresh';
  return session.clean === 1 || session.boot === bootId() ? 'intact' : 'suspect';
}

function isWellFormed(database: Database): boolean {
  return database.pragma('integrity_check(1)', { simple: true }) === 'ok';
}

function closeCleanly(database: Database): void {
  if (!database.open) return;
  try {
    // The data first, then the word that it is whole: both synced, as nothing waits for us any more.
    database.pragma('synchronous = FULL');
    database.pragma('wal_checkpoint(TRUNCATE)');
    database.prepare('UPDATE session SET clean = 1').run();
  } catch (error) {
    // All of it is in the log, from which the next start reads it.
    if (!isDatabaseFull(error)) throw error;
  } finally {
    database.close();
  }
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
