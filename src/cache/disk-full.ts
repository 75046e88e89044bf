/** A disk that takes no more, as the system says it and as we say it. */
export function noRoom(): Error {
  return Object.assign(new Error('there is no room for it on this disk'), { code: 'ENOSPC' });
}

export function isDiskFull(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
}

/** A cache database has used up the room that was set aside for it; what it was to note is not noted. */
export function isDatabaseFull(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_SHMSIZE';
}
