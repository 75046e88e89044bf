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

export function startFailure(error: unknown, account: string, site?: string): unknown {
  if (error instanceof StateInUse) {
    return new Failure('failed', `${account} is in use by another odbfs process: odbfs unmount ${account}`, {
      cause: error,
    });
  }
  if (error instanceof DatabaseTooNew) return new Failure('failed', error.message, { cause: error });
  if (!(error instanceof DriveError)) return error;
  const kind = isDelayed(error) ? 'unreachable' : KIND_OF_DRIVE_ERROR[error.kind];
  if (kind === 'sign-in')
    return new Failure(kind, `${cantBe(account)}: ${error.message}: odbfs login --account ${account}`, {
      cause: error,
    });
  const isAstray = site !== undefined && isOfNoDrive(error);
  const advice = isAstray ? `; is ${site} the right address? Another one: odbfs login ADDRESS` : '';
  return new Failure(kind, `${cantBe(account)}: ${error.message}${advice}`, { cause: error });
}

function cantBe(account: string): string {
  return `${account} can't be mounted`;
}

/** What a web server says where nothing is, and one that speaks no WebDAV there. */
const OF_NO_DRIVE: ReadonlySet<number> = new Set([400, 404, 405, 410, 501]);

function isOfNoDrive({ status }: DriveError): boolean {
  return status !== undefined && OF_NO_DRIVE.has(status);
}

/** The session has ended, and what would renew it by itself can't be reached: a person's sign-in would be no help. */
function isDelayed({ cause }: DriveError): boolean {
  return cause instanceof SignInError && cause.kind === 'unreachable';
}
