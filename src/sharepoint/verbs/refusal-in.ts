/** What an element of a multistatus says of its item instead of properties. */
import type { DriveError } from '../../drive/index.js';
import { driveErrorOf, type Verb } from '../wire/drive-error.js';
import type { DavEntry } from '../wire/multistatus.js';

/** Null where it tells of the item. That it is not there, and that it could not be said, are two things. */
export function refusalIn({ status }: DavEntry, verb: Verb, subject: string): DriveError | null {
  return status === null || status < 400
    ? null
    : driveErrorOf({ status, headers: {}, text: '' }, verb, subject);
}

/** One child that went meanwhile, or is none of ours to see, leaves a listing whole; whatever else is missing does not. */
export function isHidden({ kind }: DriveError): boolean {
  return kind === 'absent' || kind === 'denied';
}
