/**
 * `If-Match` with a version that we know. Versions are kept in one spelling (`wire/etag.ts`); a server that writes its
 * ETags otherwise and compares them to the letter refuses ours though nothing changed. Then the versions are compared
 * here, and it is not asked to do so again.
 */
import type { Version } from '../../drive/index.js';
import { etagIn, itemIdIn } from '../wire/etag.js';
import type { Remote } from './remote.js';

/** Versions that are not ETags (of folders, mostly) can't be sent. */
export function ifMatch({ ways }: Remote, version: Version | undefined): Record<string, string> {
  const etag = version === undefined ? null : etagIn(version);
  return etag !== null && ways.mayTry('our-etags') ? { 'if-match': etag } : {};
}

/** The server would refuse another version than this by itself. */
export function isCheckedByServer({ ways }: Remote, version: Version): boolean {
  return etagIn(version) !== null && ways.isProven('conditions') && ways.mayTry('our-etags');
}

/** It refused `version`, and has it. Other ETags than SharePoint's may just have been weak at that moment. */
export function refusedUnchanged({ ways }: Remote, version: Version): void {
  if (itemIdIn(version) !== null) ways.refused('our-etags');
}
