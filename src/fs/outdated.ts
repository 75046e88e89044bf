import { DriveError } from '../drive/index.js';

/** The version that was asked for can't be had any more: there is another one, or none (semantics: Consistency). */
export function isOutdated(error: unknown): error is DriveError {
  return error instanceof DriveError && (error.kind === 'changed' || error.kind === 'absent');
}
