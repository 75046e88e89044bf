/**
 * The little XML that WS-Trust needs: escaping what a person typed, reading answers by local names. An answer that is
 * not XML (login hosts like to answer with pages) is null, never a parser's error.
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser';

const parser = new XMLParser({
  removeNSPrefix: true,
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: true,
});

export function escapeXml(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&apos;');
}

/** The document as nested records by local name, or null when it is no well-formed XML or is a page. */
export function readXml(text: string): unknown {
  if (/^\s*(?:<!doctype html|<html)/i.test(text)) return null;
  try {
    if (XMLValidator.validate(text) !== true) return null;
    return parser.parse(text);
  } catch {
    return null;
  }
}

/** The text of the first element of that local name, however deep. */
export function firstText(tree: unknown, name: string): string | null {
  if (Array.isArray(tree)) return firstOf(tree, name);
  if (typeof tree !== 'object' || tree === null) return null;
  for (const [key, value] of Object.entries(tree)) {
    if (key !== name) continue;
    const own = Array.isArray(value) ? value[0] : value;
    if (typeof own === 'string') return own;
    if (typeof own === 'object' && own !== null && typeof own['#text'] === 'string') return own['#text'];
  }
  return firstOf(Object.values(tree), name);
}

function firstOf(trees: readonly unknown[], name: string): string | null {
  for (const tree of trees) {
    const found = firstText(tree, name);
    if (found !== null) return found;
  }
  return null;
}

/** The `Assertion` element exactly as it came, byte for byte: it is signed (protocol notes 1c). */
export function assertionIn(text: string): string | null {
  const start = /<((?:[\w.-]+:)?Assertion)[\s>]/.exec(text);
  if (!start) return null;
  const endTag = `</${start[1]}>`;
  const end = text.indexOf(endTag, start.index);
  return end < 0 ? null : text.slice(start.index, end + endTag.length);
}
