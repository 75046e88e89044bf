/**
 * An `OwedNode` with what only the spool needs to know about it. Immutable: a change makes a new one, which goes to the
 * journal and the overlay in one step (`Ledger`).
 */
import type { DriveErrorKind, DriveItem, UploadBase, Version } from '../drive/index.js';
import type { ContentPrint } from './content-print.js';
import type { OwedSession } from './growing-names.js';
import type { CopySource, Ino, NodeKind, OwedNode, OwedState, Place } from './spool.js';
import type { Touched } from './touched.js';

export interface SpoolEntry extends OwedNode {
  /**
   * Where the server has the item (or may have it, see `tried`), as far as was known when it was first owed. Matters
   * while that is not where the node is here (`place`, `removed`), and when the cache was thrown away. By ino, so it
   * stays true when folders above it move.
   */
  readonly origin: Place | null;
  /** With `removed`: the version that was removed here. Another one on the server is somebody else's edit. */
  readonly removedVersion: Version | null;
  /** A create or upload was begun and its outcome is not known. */
  readonly tried: Tried | null;
  /** A move or a change of its time was begun, and the outcome is not known. */
  readonly touched: Touched | null;
  /** A resumable upload of exactly this content. */
  readonly session: OwedSession | null;
  /** The server has the content as this item; what is left to do is to tell the caches, and to settle. */
  readonly sent: Sent | null;
}

export interface Tried {
  readonly place: Place;
  readonly generation: number;
  /** What was sent; of size 0 for a folder. */
  readonly content: ContentPrint;
  /** Older contents whose attempts had no known outcome either. */
  readonly earlier: readonly ContentPrint[];
  /** The server was asked to fill it by a copy of this: what is there may be that, and nobody here has its bytes. */
  readonly copyOf?: CopySource;
  /** When it was looked for in vain at first, milliseconds of the wall clock. */
  readonly soughtMs?: number;
}

export interface Sent {
  readonly item: DriveItem;
  readonly place: Place;
  /** Of the content that was sent; null when none was. */
  readonly generation: number | null;
  /** The server made it itself: the payload is not what it has. */
  readonly isCopy?: boolean;
  /** Somebody else wrote into it before we moved it, or told it a time. */
  readonly isEdited?: boolean;
  /** Somebody else did something to it after us, of which the caches know. */
  readonly isOvertaken?: boolean;
}

export const STAGED: OwedState = { kind: 'staged' };

export function owedAt(
  dueAtMs: number,
  attempts = 0,
  lastError: string | null = null,
  failure: DriveErrorKind | null = null,
): OwedState {
  return { kind: 'owed', dueAtMs, attempts, lastError, failure };
}

/** How many failed before the step that began with this entry. */
export function attemptsOf({ state }: Pick<SpoolEntry, 'state'>): number {
  return state.kind === 'owed' ? state.attempts : 0;
}

/** Still owed after a step; what is being written stays so until it is committed. */
export function stillOwed({ state }: SpoolEntry, dueAtMs: number): OwedState {
  return state.kind === 'staged' ? state : owedAt(dueAtMs);
}

/** An entry that owes nothing yet. */
export function newEntry(ino: Ino, kind: NodeKind, state: OwedState): SpoolEntry {
  return {
    ino,
    kind,
    item: null,
    place: null,
    removed: false,
    content: null,
    modifiedMs: null,
    state,
    origin: null,
    removedVersion: null,
    tried: null,
    touched: null,
    session: null,
    sent: null,
  };
}

/** False for an entry that may be dropped: here and on the server it is the same. */
export function owesAnything(entry: SpoolEntry): boolean {
  return entry.removed || entry.place !== null || entry.content !== null || entry.modifiedMs !== null;
}

export function owesOnlyTimes({ modifiedMs, removed, place, content }: SpoolEntry): boolean {
  return modifiedMs !== null && !removed && place === null && content === null;
}

export function samePlace(one: Place | null, other: Place | null): boolean {
  return one !== null && other !== null && one.parent === other.parent && one.name === other.name;
}

/** A symbolic link is a small file on the server. */
export function isFolder(entry: { readonly kind: NodeKind }): boolean {
  return entry.kind === 'folder';
}

/**
 * The entry after the server was seen to have it as `item` at `place`: what of it is still owed. Its content and times
 * are left to the caller.
 */
export function arrivedAt(entry: SpoolEntry, place: Place, item: DriveItem): SpoolEntry {
  const isThere = !entry.removed && (entry.place === null || samePlace(entry.place, place));
  return {
    ...entry,
    item: item.id,
    place: isThere ? null : entry.place,
    origin: place,
    removedVersion: entry.removed ? item.version : null,
    touched: null,
    tried: entry.tried === null || entry.content === null ? null : { ...entry.tried, place },
  };
}

/**
 * The entry after its item's version moved on, from one of `before`, by an operation of ours that left the content as it
 * was. Undefined: nobody knows from which, and what is owed was made from none but that.
 */
export function withVersion(
  entry: SpoolEntry,
  before: readonly Version[] | undefined,
  after: Version,
): SpoolEntry {
  const { content, removedVersion } = entry;
  const base = content?.base;
  const isBase = typeof base === 'object' && (before?.includes(base.version) ?? true);
  const isRemoved = removedVersion !== null && before?.includes(removedVersion) === true;
  return {
    ...entry,
    content: content !== null && isBase ? { ...content, base: { version: after } } : content,
    removedVersion: isRemoved ? after : removedVersion,
  };
}

/** What replaces a version that nobody here knows is sent as something new: the server says what is there, if it is. */
export function baseOn(version: Version | null): UploadBase {
  return version === null ? 'absent' : { version };
}

/** What the server can tell apart. */
export function sameSecond(one: number, other: number): boolean {
  return Math.floor(one / 1000) === Math.floor(other / 1000);
}
