/** One `response` element of a multistatus: what was asked about, and the properties that the server has. */
import { plainXml } from './plain-xml.js';
import { child, children, parseXml, textOf, type XmlNode } from './xml.js';
import { firstRecord } from './xml-records.js';

export interface DavEntry {
  /** As it came, XML entities decoded, percent signs not. */
  readonly href: string;
  /** The status of the whole element where it has one of its own. */
  readonly status: number | null;
  /** The properties of the 200 propstats, by local name. */
  readonly properties: XmlNode;
}

/** The namespaces and names that we ask for; the servers answer more of them or fewer. */
export const PROPERTIES_BODY =
  '<?xml version="1.0" encoding="utf-8"?>' +
  '<D:propfind xmlns:D="DAV:" xmlns:R="http://schemas.microsoft.com/repl/"><D:prop>' +
  '<D:resourcetype/><D:iscollection/><D:getcontentlength/><D:getlastmodified/><D:creationdate/>' +
  '<D:getetag/><R:repl-uid/></D:prop></D:propfind>';

export const QUOTA_BODY =
  '<?xml version="1.0" encoding="utf-8"?>' +
  '<D:propfind xmlns:D="DAV:"><D:prop><D:quota-available-bytes/><D:quota-used-bytes/></D:prop></D:propfind>';

/** The answer about one item. Null where it has no element, or one without an href. */
export function parseOnlyEntry(multistatus: string): DavEntry | null {
  const shape = { record: 'response', root: 'multistatus', longestRecord: multistatus.length };
  const record = firstRecord(multistatus, shape);
  return record === null ? null : parseDavEntry(record);
}

/** Null for an element without an href. */
export function parseDavEntry(record: string): DavEntry | null {
  return entryOf(child(parseXml(record), 'response'));
}

/** The same for several elements at once, which costs less than one by one. */
export function parseDavEntries(records: readonly string[]): (DavEntry | null)[] {
  const plain: XmlNode[] = [];
  for (const record of records) {
    const node = plainXml(record);
    if (node === null) return parsedEntries(records);
    plain.push(node);
  }
  return plain.map((node) => entryOf(child(node, 'response')));
}

function parsedEntries(records: readonly string[]): (DavEntry | null)[] {
  const text = records.map((record) => record.replace(MISSING, '')).join('');
  return children(child(parseXml(`<all>${text}</all>`), 'all'), 'response').map(entryOf);
}

/** A propstat of a few empty elements with a 404: what the server does not have. Most of the parsing, and no use. */
const MISSING =
  /<(\w+:)?propstat>\s*<(\w+:)?prop>(?:\s*<[\w:.-]+(?:\s+xmlns:?[\w.-]*="[^"<]*")*\s*\/>)*\s*<\/(\w+:)?prop>\s*<(\w+:)?status>HTTP\/[\d.]+ 404[^<]*<\/(\w+:)?status>\s*<\/(\w+:)?propstat>/g;

function entryOf(response: XmlNode | undefined): DavEntry | null {
  const href = textOf(response, 'href');
  if (href === undefined || href === '') return null;
  return { href, status: statusOf(textOf(response, 'status')), properties: foundProperties(response) };
}

function foundProperties(response: XmlNode | undefined): XmlNode {
  const found: Record<string, XmlNode | readonly XmlNode[]> = {};
  for (const propstat of children(response, 'propstat')) {
    // a propstat without a status says nothing against its properties
    if ((statusOf(textOf(propstat, 'status')) ?? 200) !== 200) continue;
    const prop = child(propstat, 'prop');
    if (typeof prop === 'object') Object.assign(found, prop);
  }
  return found;
}

function statusOf(line: string | undefined): number | null {
  const digits = /^HTTP\/[\d.]+\s+(\d{3})/i.exec(line ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}
