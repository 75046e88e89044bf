import type { ErrnoName } from '../base/index.js';
import { DriveError, type DriveErrorKind } from '../drive/index.js';

/**
 * What an operation answers instead of a reply. Carries the errno and, for the log, why. No stack: it is an answer, asked
 * for thousands of times a second (`security.capability` before a first write), and the stack would cost most of it.
 */
export class FsError extends Error {
  override readonly name = 'FsError';
  readonly errno: ErrnoName;

  constructor(errno: ErrnoName, message: string = errno, options: { readonly cause?: unknown } = {}) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.errno = errno;
  }
}

/**
 * The one table from what the remote said to what the application sees.
 *
 * `locked` is EBUSY, not EACCES: trying again later helps. `protocol` is EIO: it is nobody's fault that the
 * application could mend. `throttled` and `unreachable` differ in `fs`, which knows whether we are offline.
 */
const ERRNO_BY_KIND: Record<DriveErrorKind, ErrnoName> = {
  absent: 'ENOENT',
  exists: 'EEXIST',
  changed: 'ESTALE',
  denied: 'EACCES',
  'signed-out': 'EACCES',
  throttled: 'ETIMEDOUT',
  unreachable: 'ENETUNREACH',
  full: 'EDQUOT',
  'bad-name': 'EINVAL',
  'too-large': 'EFBIG',
  locked: 'EBUSY',
  'not-empty': 'ENOTEMPTY',
  protocol: 'EIO',
};

/** Any thrown value as the errno for the application; null when it is a bug of ours (EIO, to be logged). */
export function errnoOf(error: unknown): ErrnoName | null {
  if (error instanceof FsError) return error.errno;
  if (error instanceof DriveError) return ERRNO_BY_KIND[error.kind];
  if (isSystemError(error)) return LOCAL_ERRNO[error.code] ?? null;
  return null;
}

/**
 * Errors of our own disk that mean the same to the application. That we have no descriptors left is ENFILE: EMFILE would
 * blame the application's own limit.
 */
const LOCAL_ERRNO: Record<string, ErrnoName> = {
  EMFILE: 'ENFILE',
  ENFILE: 'ENFILE',
  ENOSPC: 'ENOSPC',
  SQLITE_FULL: 'ENOSPC',
  EDQUOT: 'EDQUOT',
  EFBIG: 'EFBIG',
  ENOMEM: 'ENOMEM',
};

function isSystemError(error: unknown): error is { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}
