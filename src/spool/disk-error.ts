/** Errors of SQLite on our own disk as the system errors that they are: what is full says ENOSPC. */

interface SystemError extends Error {
  code: string;
}

export function noSpace(what: string, cause?: unknown): SystemError {
  const error = new Error(`ENOSPC: no space left on the disk for ${what}`, { cause }) as SystemError;
  error.code = 'ENOSPC';
  return error;
}

/** Runs a change of the journal; a full disk is told as ENOSPC, with nothing changed. */
export function onDisk<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (codeOf(error) === 'SQLITE_FULL') throw noSpace('the journal', error);
    throw error;
  }
}

export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The codes by which SQLite says that a file is damaged, or is no database at all. */
export function isDamage(error: unknown): boolean {
  const code = codeOf(error) ?? '';
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB';
}
