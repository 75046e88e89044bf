/**
 * Whether a content is what a server makes of an upload when it writes properties into it (protocol notes 2.7), or what
 * somebody makes of it in an editor.
 */
import { compoundStreams } from './compound-streams.js';
import { zipParts } from './zip-parts.js';

/** Where an Office document has properties, and what refers to them. */
const PROPERTY_PARTS = /^(docProps|customXml|docMetadata)\/|(^|\/)_rels\/|^\[Content_Types\]\.xml$/;
/** The same in the older formats (MS-OLEPS 2.21 to 2.25; MS-OSHARED 2.3.6). */
const PROPERTY_STREAMS = /^(\u0005|MsoDataStore\/)/;
/** A mail consists of nothing but properties. */
const MAIL_STREAM = '__properties_version1.0';
const PDF = Buffer.from('%PDF');
/** What an editor appends to a PDF, and nobody who writes properties: pages, and what is on them (ISO 32000-1, 7.7.3, 12.5). */
const ON_PAGES = /\/Type\s*\/(Page|Annot|Sig)\b|\/Subtype\s*\/Widget\b/;
/** Texts up to this size are compared line by line. */
const MOST_TEXT_BYTES = 1024 * 1024;
const COMPARED_AT_ONCE = 64 * 1024;

/** Null: that can't be told. */
export function isRewritingOf(ours: Buffer, theirs: Buffer): boolean | null {
  if (startsWith(ours, PDF) && startsWith(theirs, PDF)) return isRewrittenPdf(ours, theirs);
  if (isInsertion(ours, theirs)) return true;
  const [before, after] = [zipParts(ours), zipParts(theirs)];
  if (before !== null && after !== null) return hasSameContent(before, after, PROPERTY_PARTS);
  const [older, newer] = [compoundStreams(ours), compoundStreams(theirs)];
  if (older !== null && newer !== null) return isSameCompound(older, newer);
  if (before !== null || after !== null || older !== null || newer !== null) return false;
  return theirs.length > MOST_TEXT_BYTES ? null : hasAllLines(ours, theirs);
}

/** The bytes of a content from `startsAt` to its end. */
export interface Ending {
  readonly bytes: Buffer;
  readonly startsAt: number;
}

/** The same, of contents too large to be had as a whole. */
export function endsAsRewritingOf(ours: Ending, theirs: Ending): boolean | null {
  const [before, after] = [ours, theirs].map(({ bytes, startsAt }) => zipParts(bytes, startsAt));
  return before && after ? hasSameContent(before, after, PROPERTY_PARTS) : null;
}

/** Nothing here knows what becomes of a PDF that is written anew for its properties. */
function isRewrittenPdf(ours: Buffer, theirs: Buffer): boolean | null {
  if (!startsWith(theirs, ours)) return null;
  return ON_PAGES.test(theirs.toString('latin1', ours.length)) ? false : null;
}

function isSameCompound(
  before: ReadonlyMap<string, Buffer>,
  after: ReadonlyMap<string, Buffer>,
): boolean | null {
  if (before.has(MAIL_STREAM) && after.has(MAIL_STREAM)) return null;
  return hasSameContent(before, after, PROPERTY_STREAMS, (one, other) => one.equals(other));
}

function startsWith(content: Buffer, magic: Buffer): boolean {
  return content.subarray(0, magic.length).equals(magic);
}

/** Ours, with something in one place. */
function isInsertion(ours: Buffer, theirs: Buffer): boolean {
  if (theirs.length < ours.length) return false;
  const head = sameBytes(ours.length, (at, end) => ours.subarray(at, end).equals(theirs.subarray(at, end)));
  const more = theirs.length - ours.length;
  const tail = sameBytes(ours.length - head, (before, behind) => {
    const [from, to] = [ours.length - behind, ours.length - before];
    return ours.subarray(from, to).equals(theirs.subarray(from + more, to + more));
  });
  return head + tail === ours.length;
}

/** How many of `length` bytes are the same one after another: `isSame` compares some of them. */
function sameBytes(length: number, isSame: (at: number, end: number) => boolean): number {
  let same = 0;
  for (let step = COMPARED_AT_ONCE; step > 0; ) {
    const end = Math.min(same + step, length);
    if (end > same && isSame(same, end)) same = end;
    else step = Math.floor(step / 2);
  }
  return same;
}

function hasSameContent<Part>(
  before: ReadonlyMap<string, Part>,
  after: ReadonlyMap<string, Part>,
  properties: RegExp,
  isSame = (one: Part, other: Part) => one === other,
): boolean {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].every((name) => {
    const [one, other] = [before.get(name), after.get(name)];
    return properties.test(name) || (one !== undefined && other !== undefined && isSame(one, other));
  });
}

/** Ours in their order, with others between them. */
function hasAllLines(ours: Buffer, theirs: Buffer): boolean {
  const lines = theirs.toString('latin1').split(/\r?\n/);
  let at = 0;
  return ours
    .toString('latin1')
    .split(/\r?\n/)
    .every((line) => {
      const found = lines.indexOf(line, at);
      at = found + 1;
      return found >= 0;
    });
}
