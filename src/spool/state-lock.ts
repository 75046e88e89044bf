import { join } from 'node:path';
import Database from 'better-sqlite3';
import { codeOf } from './disk-error.js';

/** Another daemon has the state directory. */
export class StateInUse extends Error {
  override readonly name = 'StateInUse';
}

/**
 * One daemon per state: an exclusive lock on a database of its own, which the kernel releases when the process ends in
 * whatever way. Returns the way to let go.
 */
export function lockState(stateDir: string): () => void {
  const database = new Database(join(stateDir, 'lock.db'), { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (codeOf(error)?.startsWith('SQLITE_BUSY')) {
      throw new StateInUse(`${stateDir} is in use by another odbfs`);
    }
    throw error;
  }
  return () => database.close();
}
