/** Reads the XML that WebDAV clients send, with namespaces resolved; anything malformed is `MalformedXml`. */
import { XMLParser, XMLValidator } from 'fast-xml-parser';

export interface XmlElement {
  /** `{DAV:}propfind` */
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** Text directly within. */
  readonly text: string;
}

export class MalformedXml extends Error {
  override readonly name = 'MalformedXml';
}

/** A node as fast-xml-parser orders it: one tag key, its attributes beside it. */
type Node = Readonly<Record<string, unknown>>;
type Scope = ReadonlyMap<string, string>;

const ATTRIBUTES = ':@';
const TEXT = '#text';
const PARSER = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
});

export function parseXml(text: string): XmlElement {
  const bare = text.replace(/^\uFEFF/, '').trim();
  if (bare === '' || XMLValidator.validate(bare) !== true)
    throw new MalformedXml('the body is not well-formed XML');
  let nodes: Node[];
  try {
    nodes = PARSER.parse(bare) as Node[];
  } catch (error) {
    throw new MalformedXml('the body is not well-formed XML', { cause: error });
  }
  const root = elementsOf(nodes, new Map())[0];
  if (root === undefined) throw new MalformedXml('the body has no element');
  return root;
}

export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name);
}

function elementsOf(nodes: readonly Node[], scope: Scope): XmlElement[] {
  const elements: XmlElement[] = [];
  for (const node of nodes) {
    const tag = Object.keys(node).find((key) => key !== ATTRIBUTES && key !== TEXT);
    if (tag !== undefined) elements.push(elementOf(node, tag, scope));
  }
  return elements;
}

function elementOf(node: Node, tag: string, outer: Scope): XmlElement {
  const scope = scopeOf(node[ATTRIBUTES] as Readonly<Record<string, string>> | undefined, outer);
  const inner = node[tag] as readonly Node[];
  const text = inner.map((child) => String(child[TEXT] ?? '')).join('');
  return { name: resolve(tag, scope), children: elementsOf(inner, scope), text };
}

function scopeOf(attributes: Readonly<Record<string, string>> | undefined, outer: Scope): Scope {
  const scope = new Map(outer);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name === 'xmlns') scope.set('', value);
    else if (name.startsWith('xmlns:')) scope.set(name.slice('xmlns:'.length), value);
  }
  return scope;
}

function resolve(tag: string, scope: Scope): string {
  const colon = tag.indexOf(':');
  const prefix = colon < 0 ? '' : tag.slice(0, colon);
  const namespace = scope.get(prefix);
  if (namespace === undefined && prefix !== '')
    throw new MalformedXml(`the prefix ${prefix} is not declared`);
  return `{${namespace ?? ''}}${tag.slice(colon + 1)}`;
}
