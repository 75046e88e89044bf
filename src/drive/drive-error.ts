/**
 * Why the remote did not do what was asked. A closed set: a new kind fails to compile wherever kinds are judged.
 *
 * - `absent`       the item is not there (the server was asked and said so)
 * - `exists`       something of that name is there already
 * - `changed`      the item is not the version that the caller named (lost-update protection)
 * - `denied`       this account may not do that; signing in again does not help
 * - `signed-out`   no valid session, and renewing it silently was not possible
 * - `throttled`    the server asked for a pause longer than the caller was willing to wait (`retryAfterMs`)
 * - `unreachable`  no answer: network, name service, time-out, 5xx after retries
 * - `full`         quota exceeded
 * - `bad-name`     the server refuses this name or path
 * - `too-large`    the content is larger than the server takes
 * - `locked`       checked out, co-authored or locked by somebody else
 * - `not-empty`    a folder that had to be empty is not
 * - `protocol`     an answer that we do not understand; a bug here or there
 */
export type DriveErrorKind =
  | 'absent'
  | 'exists'
  | 'changed'
  | 'denied'
  | 'signed-out'
  | 'throttled'
  | 'unreachable'
  | 'full'
  | 'bad-name'
  | 'too-large'
  | 'locked'
  | 'not-empty'
  | 'protocol';

export interface DriveErrorDetails {
  readonly cause?: unknown;
  /** With `throttled`: how long the server wants to be left alone, milliseconds. */
  readonly retryAfterMs?: number;
  /** The HTTP status, where there was one; for logs only. */
  readonly status?: number;
}

/** Thrown by every method of `Drive`. The message is one line for a person and never holds a secret. */
export class DriveError extends Error {
  override readonly name = 'DriveError';
  readonly kind: DriveErrorKind;
  readonly retryAfterMs: number | undefined;
  readonly status: number | undefined;

  constructor(kind: DriveErrorKind, message: string, details: DriveErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.retryAfterMs = details.retryAfterMs;
    this.status = details.status;
  }
}

/** The answer, or null when the server said that there is nothing. */
export async function absentAsNull<Result>(answer: Promise<Result>): Promise<Result | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DriveError && error.kind === 'absent') return null;
    throw error;
  }
}
