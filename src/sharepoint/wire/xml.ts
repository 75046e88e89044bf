/**
 * XML as the servers write it: prefixes of any kind, entities decoded exactly once, nothing expanded from a document
 * type. Small documents at once; long ones belong to `xml-records.ts`.
 */
import { XMLParser } from 'fast-xml-parser';
import { DriveError } from '../../drive/index.js';

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Decodes the five named entities and character references, in one pass: `&amp;lt;` is `&lt;`. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/gi,
    (whole, hex, decimal, name) => {
      if (name !== undefined) return NAMED[name.toLowerCase()] ?? whole;
      const code = hex !== undefined ? Number.parseInt(hex, 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

const BLANK_ENDS = /^[\t\n\r ]+|[\t\n\r ]+$/g;

/** Without the white space of XML at its ends. Whatever else is blank is part of a name. */
export function trimmed(text: string): string {
  return text.trim().length === text.length ? text : text.replace(BLANK_ENDS, '');
}

const parser = new XMLParser({
  ignoreAttributes: true,
  removeNSPrefix: true,
  parseTagValue: false,
  // knows more white space than XML does
  trimValues: false,
  processEntities: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  jPath: false,
  entityDecoder: {
    decode: (text) => decodeEntities(trimmed(text)),
    reset: () => {},
    setXmlVersion: () => {},
    // entities that a document declares for itself are never expanded
    setExternalEntities: () => {},
    addInputEntities: () => {},
  },
});

/** Elements by local name: text, `''` when empty, an object of children, an array where a name repeats. */
export type XmlNode = string | { readonly [name: string]: XmlNode | readonly XmlNode[] };

export function parseXml(text: string): XmlNode {
  try {
    return parser.parse(text) as XmlNode;
  } catch (cause) {
    throw new DriveError('protocol', 'the server sent XML that does not parse', { cause });
  }
}

/** The children called `name`; none for text. */
export function children(node: XmlNode | undefined, name: string): readonly XmlNode[] {
  if (node === undefined || typeof node === 'string') return [];
  const found = Object.hasOwn(node, name) ? node[name] : undefined;
  if (found === undefined) return [];
  return Array.isArray(found) ? found : [found as XmlNode];
}

export function child(node: XmlNode | undefined, name: string): XmlNode | undefined {
  return children(node, name)[0];
}

/** The text of the first child called `name`; undefined when there is none, or it is not text. */
export function textOf(node: XmlNode | undefined, name: string): string | undefined {
  const found = child(node, name);
  return typeof found === 'string' ? found : undefined;
}
