/** Runs one checkpoint of a database in a thread of its own, so that nobody else waits for its syncs. */
import { workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';

const { path } = workerData as { readonly path: string };
const database = new Database(path);
try {
  database.pragma('synchronous = NORMAL');
  database.pragma('wal_checkpoint(PASSIVE)');
} finally {
  database.close();
}
