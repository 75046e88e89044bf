/** What ETags and their relatives say about identity (protocol notes 2.2, 5.2.12). */
import type { ItemId, Version } from '../../drive/index.js';

const GUID = /([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/i;

/** The item id in `"{GUID},N"`, `rid:{GUID}`, `rt:GUID@N` or a bare GUID: lower case without braces; else null. */
export function itemIdIn(text: string | undefined): ItemId | null {
  return GUID.exec(text ?? '')?.[1]?.toLowerCase() ?? null;
}

/** `"{GUID},N"` in whatever case, with or without braces; nothing that is weak. */
export function isSharePointEtag(etag: string): boolean {
  return /^"\{?[0-9a-f-]{36}\}?,\d+(pub)?"$/i.test(etag);
}

/**
 * The version that an ETag names, in one spelling for all answers: REST and WebDAV differ in the case of the GUID, in
 * quotes and in the weakness mark.
 */
export function versionOf(etag: string): Version {
  const bare = etag.trim().replace(/^W\//i, '').replace(/^"|"$/g, '');
  const parts = /^\{?([0-9a-f-]{36})\}?,(\d+)(pub)?$/i.exec(bare);
  // published files show ",135pub" for the same content
  return parts === null ? `"${bare}"` : `"{${parts[1]!.toUpperCase()}},${parts[2]}"`;
}

/** How far the N of one item went from one version to the other; null where nobody counts. */
export function revisionsBetween(before: Version, after: Version): number | null {
  const [from, to] = [revisionIn(before), revisionIn(after)];
  if (from === null || to === null || itemIdIn(before) !== itemIdIn(after)) return null;
  return to - from;
}

/**
 * The same with what else tells one content from another, for servers whose ETags nobody has promised anything about: one
 * that is always the same would make every change invisible.
 */
export function fullerVersion(etag: string, { size, modifiedMs }: Told): Version {
  return `${etag === '' ? 'modified:' : versionOf(etag)} ${size} ${modifiedMs}`;
}

interface Told {
  readonly size: number;
  readonly modifiedMs: number;
}

/** The ETag in a version of either kind, as it can be sent; null where there is none. */
export function etagIn(version: Version): string | null {
  return version.startsWith('"') ? version.slice(0, version.lastIndexOf('"') + 1) : null;
}

/** The N of `"{GUID},N"`: grows with content and metadata; null for other ETags. */
export function revisionIn(version: Version): number | null {
  const digits = /,(\d+)"$/.exec(version)?.[1];
  return digits === undefined ? null : Number(digits);
}
