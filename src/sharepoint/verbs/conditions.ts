/**
 * `If-Match` with a version that we know. Versions are kept in one spelling (`wire/etag.ts`); a server that writes its
 * ETags otherwise and compares them to the letter refuses ours though nothing changed. Then it gets them as it writes
 * them; one that refuses even those is not asked to compare again, and the versions are compared here alone.
 */
import type { Version } from '../../drive/index.js';
import { etagIn, itemIdIn } from '../wire/etag.js';
import type { Remote } from './remote.js';

export type Condition = Readonly<Record<string, string>>;

/** Versions that are not ETags (of folders, mostly) can't be sent. */
export function ifMatch({ ways, spellings }: Remote, version: Version | undefined): Condition {
  if (version === undefined) return {};
  const theirs = spellings.of(version);
  const etag = theirs ?? etagIn(version);
  const mayTry = ways.mayTry(theirs === undefined ? 'our-etags' : 'their-etags');
  return etag !== null && mayTry ? { 'if-match': etag } : {};
}

/** The server would refuse another version than this by itself. */
export function isCheckedByServer({ ways }: Remote, version: Version): boolean {
  return etagIn(version) !== null && ways.isProven('conditions') && ways.mayTry('our-etags');
}

/**
 * It refused `version` on a condition, and has it: what to ask for instead, which may be nothing. Other ETags than
 * SharePoint's may just have been weak at that moment.
 */
export function refusedUnchanged(remote: Remote, version: Version, refused: Condition): Condition {
  const { ways, spellings } = remote;
  const wasTheirs = refused['if-match'] === spellings.of(version);
  if (itemIdIn(version) !== null) ways.refused(wasTheirs ? 'their-etags' : 'our-etags');
  const next = ifMatch(remote, version);
  return next['if-match'] === refused['if-match'] ? {} : next;
}
