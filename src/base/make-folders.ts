/** A folder with whatever is missing above it. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * What is there already is left as it is. Not `mkdir` with `recursive`: where a file system takes no folders and says
 * ENOENT, as `/proc` does, that one asks for ever and blocks whoever called it.
 */
export function makeFolders(path: string, mode = 0o777): void {
  if (isMade(path, mode)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolders(parent, mode);
  mkdirSync(path, { mode });
}

/** False: something above it is missing. */
function isMade(path: string, mode: number): boolean {
  try {
    mkdirSync(path, { mode });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false;
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return true;
    throw error;
  }
}
