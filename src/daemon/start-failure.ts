/** Why an account could not be mounted, as the exit codes tell it apart. */
import { DatabaseTooNew } from '../base/index.js';
import { DriveError, type DriveErrorKind } from '../drive/index.js';
import { SignInError } from '../sharepoint/index.js';
import { StateInUse } from '../spool/index.js';
import { Failure, type FailureKind } from './failure.js';

const KIND_OF_DRIVE_ERROR: Record<DriveErrorKind, FailureKind> = {
  absent: 'failed',
  exists: 'failed',
  changed: 'failed',
  denied: 'failed',
  'signed-out': 'sign-in',
  throttled: 'unreachable',
  unreachable: 'unreachable',
  full: 'failed',
  'bad-name': 'failed',
  'too-large': 'failed',
  locked: 'failed',
  'not-empty': 'failed',
  protocol: 'failed',
};

export function startFailure(error: unknown, account: string): unknown {
  if (error instanceof StateInUse) {
    return new Failure('failed', `${account} is in use by another odbfs process: odbfs unmount ${account}`, {
      cause: error,
    });
  }
  if (error instanceof DatabaseTooNew) return new Failure('failed', error.message, { cause: error });
  if (!(error instanceof DriveError)) return error;
  const kind = isDelayed(error) ? 'unreachable' : KIND_OF_DRIVE_ERROR[error.kind];
  const advice = kind === 'sign-in' ? `: odbfs login --account ${account}` : '';
  return new Failure(kind, `${account} can't be mounted: ${error.message}${advice}`, { cause: error });
}

/** The session has ended, and what would renew it by itself can't be reached: a person's sign-in would be no help. */
function isDelayed({ cause }: DriveError): boolean {
  return cause instanceof SignInError && cause.kind === 'unreachable';
}
