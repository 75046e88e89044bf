/** Errors as SharePoint's REST service tells them (protocol notes 3.1). */
import type { Refusal, RefusalKind } from '../refusal.js';
import type { Switches } from '../switches.js';

export class RestError extends Error {
  override readonly name = 'RestError';
  readonly status: number;
  /** `-2147024894, System.IO.FileNotFoundException` */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function fileNotFound(): RestError {
  return new RestError(404, '-2147024894, System.IO.FileNotFoundException', 'File Not Found.');
}

export function unknownResource(): RestError {
  return new RestError(
    404,
    '-1, Microsoft.SharePoint.Client.ResourceNotFoundException',
    'Cannot find resource for the request.',
  );
}

export function badQuery(message: string): RestError {
  return new RestError(400, '-1, Microsoft.SharePoint.Client.InvalidClientQueryException', message);
}

export function tooBig(limit: number): RestError {
  return badQuery(
    `The request message is too big. The server does not allow messages larger than ${limit} bytes.`,
  );
}

export function badDigest(): RestError {
  return new RestError(
    403,
    '-2130575251, Microsoft.SharePoint.SPException',
    "The security validation for this page is invalid and might be corrupted. Please use your web browser's Back button to try your operation again.",
  );
}

export function accessDenied(): RestError {
  return new RestError(
    403,
    '-2147024891, System.UnauthorizedAccessException',
    'Access denied. You do not have permission to perform this action or access this resource.',
  );
}

export function refusalError(refusal: Refusal, switches: Switches): RestError {
  const [status, code] = codeOf(refusal.kind, switches);
  return new RestError(status, code, refusal.message);
}

function codeOf(kind: RefusalKind, switches: Switches): readonly [status: number, code: string] {
  switch (kind) {
    case 'absent':
      return [404, '-2147024894, System.IO.FileNotFoundException'];
    case 'parent-absent':
      return [404, '-2147024893, System.IO.DirectoryNotFoundException'];
    case 'exists':
      return [switches.restExistsStatus, '-2130575257, Microsoft.SharePoint.SPException'];
    case 'is-folder':
    case 'not-folder':
    case 'into-itself':
      return [400, '-2147024809, System.ArgumentException'];
    case 'locked':
      return [423, '-2147018894, Microsoft.SharePoint.SPFileLockException'];
    case 'checked-out':
      return [423, '-2147018884, Microsoft.SharePoint.SPFileCheckOutException'];
    case 'retained':
      return [403, '-2147024891, System.UnauthorizedAccessException'];
    case 'changed':
      return [412, '-2130575305, Microsoft.SharePoint.SPException'];
    case 'quota':
      return [switches.quotaStatus, '-2147024784, Microsoft.SharePoint.SPException'];
    case 'bad-name':
      return [400, '-2147024773, Microsoft.SharePoint.SPException'];
    case 'path-too-long':
      return [400, 'pathIsTooLong'];
  }
}
