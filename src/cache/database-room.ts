/**
 * Room on the disk that is a cache database's own. Others may fill the disk to the last byte; then nothing that the server
 * tells could be noted any more, and what is read would be neither new nor whole. So its write-ahead log is longer
 * than it gets between two checkpoints, and some of its pages are free: SQLite uses both before it asks for more.
 */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Clock, type Database, freeBytes, type Log } from '../base/index.js';

/** A checkpoint begins at 1000 pages, 4 MiB; the transaction that reaches it may be as long as a slice takes. */
const LOG_BYTES = 6 * 1024 * 1024;
/** Some thousand items. */
const FREE_BYTES = 1024 * 1024;
const BYTES_PER_TURN = 256 * 1024;
/** Only what the disk has so many times over is set aside. */
const TIMES_OVER = 4;
/** Who begins is not to wait for it. */
const FIRST_MS = 10_000;
const AGAIN_MS = 60_000;

const randomAside = promisify(randomBytes);

export class DatabaseRoom {
  readonly #database: Database;
  readonly #log: Log;
  #cancel: () => void;

  constructor(database: Database, clock: Clock, log: Log) {
    this.#database = database;
    this.#log = log;
    const look = (): void => {
      this.#cancel = clock.after(AGAIN_MS, look);
      void this.fill();
    };
    this.#cancel = clock.after(FIRST_MS, look);
  }

  /** Sets aside what is missing, where the disk has plenty. */
  async fill(): Promise<void> {
    try {
      const pages = this.#missingPages();
      const log = await this.#missingLog();
      const missing = Math.max(0, pages) + Math.max(0, log);
      if (missing === 0 || (await freeBytes(dirname(this.#database.name))) < TIMES_OVER * missing) return;
      if (log > 0) await this.#growLog(log);
      if (pages > 0) await this.#addPages();
      // What is in the log has a place in the database, too, from here on.
      if (this.#database.open) this.#database.pragma('wal_checkpoint(PASSIVE)');
    } catch (error) {
      if (this.#database.open) this.#log.debug({ error }, 'no room could be set aside for a cache database');
    }
  }

  close(): void {
    this.#cancel();
  }

  /** Half of them may be used before they are filled up: a tree that grows is not to do so at each look. */
  #missingPages(): number {
    const pages = this.#database.pragma('freelist_count', { simple: true }) as number;
    const bytes = pages * (this.#database.pragma('page_size', { simple: true }) as number);
    return bytes < FREE_BYTES / 2 ? FREE_BYTES : 0;
  }

  async #missingLog(): Promise<number> {
    return LOG_BYTES - (await stat(this.#logPath)).size;
  }

  /**
   * SQLite knows by itself where its log ends, and by checksums after a crash, so what follows is nothing to it. Random, so
   * that no file system stores it smaller than it is. Never makes the file: one without a database would be odd.
   */
  async #growLog(bytes: number): Promise<void> {
    const file = await open(this.#logPath, constants.O_WRONLY | constants.O_APPEND);
    try {
      for (let left = bytes; left > 0; left -= BYTES_PER_TURN)
        await file.appendFile(await randomAside(Math.min(left, BYTES_PER_TURN)));
    } finally {
      await file.close();
    }
  }

  /** Written first and dropped after: pages that were never written have no place on the disk yet. */
  async #addPages(): Promise<void> {
    const database = this.#database;
    database.exec('CREATE TABLE IF NOT EXISTS room (bytes BLOB NOT NULL) STRICT');
    try {
      for (let left = FREE_BYTES; left > 0 && database.open; left -= BYTES_PER_TURN) {
        database.prepare('INSERT INTO room VALUES (randomblob(?))').run(BYTES_PER_TURN);
        await nextTurn();
      }
    } finally {
      if (database.open) database.exec('DROP TABLE room');
    }
  }

  get #logPath(): string {
    return `${this.#database.name}-wal`;
  }
}
