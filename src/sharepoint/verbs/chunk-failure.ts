/** What it means that a chunk was refused: which bytes to send next is `upload-in-chunks.ts`. */
import { DriveError, type DriveErrorKind } from '../../drive/index.js';

export function isTooLarge(error: unknown): boolean {
  return error instanceof DriveError && error.kind === 'too-large';
}

/** Worth asking where the upload stands; anything else is an answer. */
export function isPassing(error: unknown): error is DriveError {
  if (!(error instanceof DriveError)) return false;
  return error.kind === 'unreachable' || error.kind === 'protocol' || UNKNOWN_SESSION.has(error.status ?? 0);
}

/** How a wrong offset or an unknown session is refused is not documented (protocol notes 3.3). */
const UNKNOWN_SESSION = new Set([400, 404, 409, 416]);

/**
 * StartUpload was refused as by a server that offers no such service. Nothing in it can be wrong but the file that it
 * names, and that was there just before.
 */
export function isNoService(error: unknown): error is DriveError {
  return error instanceof DriveError && NO_SERVICE.has(error.status ?? 0) && !OF_THE_FILE.has(error.kind);
}

const NO_SERVICE = new Set([400, 403, 404, 405, 501]);
/** True by every way. */
const OF_THE_FILE: ReadonlySet<DriveErrorKind> = new Set(['full', 'locked', 'changed', 'too-large']);

/** A front end that does not know the file yet says the same (protocol notes 5.2.6). */
export function mayBeLate({ status }: DriveError): boolean {
  return status === 404 || status === 400;
}
