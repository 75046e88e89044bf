/** A lock between processes that ends with its holder, however that ends: SQLite's, and thus the kernel's. */
import { chmodSync } from 'node:fs';
import Database from 'better-sqlite3';

/** The way to let go, or null while somebody else (of this process, too) holds it. The file at `path` stays, empty. */
export function takeProcessLock(path: string): (() => void) | null {
  const lock = new Database(path, { timeout: 0 });
  try {
    chmodSync(path, 0o600);
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')) return null;
    throw error;
  }
  return () => lock.close();
}
