/**
 * Whether a content is what a server makes of an upload when it writes properties into it (protocol notes 2.7), or what
 * somebody makes of it in an editor.
 */
import { zipParts } from './zip-parts.js';

/** Where an Office document has properties, and what refers to them. */
const PROPERTY_PARTS = /^(docProps|customXml|docMetadata)\/|(^|\/)_rels\/|^\[Content_Types\]\.xml$/;
/** Formats of which nothing here knows what writing properties does to them: OLE compound files, and PDF. */
const UNKNOWN_FORMATS = [Buffer.from([0xd0, 0xcf, 0x11, 0xe0]), Buffer.from('%PDF')];
/** Texts up to this size are compared line by line. */
const MOST_TEXT_BYTES = 1024 * 1024;
const COMPARED_AT_ONCE = 64 * 1024;

/** Null: that can't be told. */
export function isRewritingOf(ours: Buffer, theirs: Buffer): boolean | null {
  if (isInsertion(ours, theirs)) return true;
  const [before, after] = [zipParts(ours), zipParts(theirs)];
  if (before !== null && after !== null) return hasSameContent(before, after);
  if (UNKNOWN_FORMATS.some((magic) => startsWith(ours, magic) && startsWith(theirs, magic))) return null;
  if (before !== null || after !== null) return false;
  return theirs.length > MOST_TEXT_BYTES ? null : hasAllLines(ours, theirs);
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

function hasSameContent(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): boolean {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].every((name) => PROPERTY_PARTS.test(name) || before.get(name) === after.get(name));
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
