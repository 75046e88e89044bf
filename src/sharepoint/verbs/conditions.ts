/**
 * `If-Match` with a version that we know. Versions are kept in one spelling (`wire/etag.ts`); a server that writes its
 * ETags otherwise and compares them to the letter refuses ours though nothing changed. Then it gets them as it writes
 * them; one that refuses even those is not asked to compare again, and the versions are compared here alone.
 */
import type { DrivePath, RequestOptions, Version } from '../../drive/index.js';
import { etagIn } from '../wire/etag.js';
import type { Remote } from './remote.js';
import { lookedAtUntil } from './stat.js';

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
 * It refused `version` on a condition, and shows it: what to ask for instead, which may be nothing; null: it has another one
 * by now. What is refused as the server itself writes it has changed, and only the front end that was looked at does not
 * know yet; unless it goes on like that. Other ETags than SharePoint's may just have been weak at that moment.
 */
export async function insteadOf(
  remote: Remote,
  path: DrivePath,
  version: Version,
  refused: Condition,
  options: RequestOptions,
): Promise<Condition | null> {
  const { ways, spellings } = remote;
  const theirs = spellings.of(version);
  if (theirs !== undefined && theirs !== refused['if-match']) {
    ways.refused('our-etags');
    return ifMatch(remote, version);
  }
  if (theirs === undefined) return {};
  const later = await lookedAtUntil(remote, path, options, (item) => item.version !== version);
  if (later?.version !== version) return null;
  ways.refused('their-etags');
  return {};
}
