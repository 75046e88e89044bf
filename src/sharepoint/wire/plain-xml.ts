/**
 * The XML that servers do write in a listing, ten thousand times over: elements, attributes that nobody asks for, and
 * text. It says the same as `parseXml` at a fraction of the cost; whatever is not as plain as that is left to it.
 */
import { decodeEntities, trimmed, type XmlNode } from './xml.js';

/** A tag, and the text behind it up to the next one. */
const TAG = /<(\/?)((?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*))(?:\s+[\w:.-]+="[^"<>]*")*\s*(\/?)>([^<]*)/y;
const DEEPEST = 32;

interface Open {
  /** With its prefix. */
  readonly tag: string;
  readonly name: string;
  readonly text: string;
  children: Record<string, XmlNode | XmlNode[]> | null;
}

/** One element and all that is in it; null where that takes more than this. */
export function plainXml(text: string): XmlNode | null {
  if (text.includes('\r')) return null;
  const top: Open = { tag: '', name: '', text: '', children: null };
  const open: Open[] = [top];
  for (TAG.lastIndex = 0; TAG.lastIndex < text.length; ) {
    const found = TAG.exec(text);
    if (found === null || !take(found, open)) return null;
  }
  return open.length === 1 ? top.children : null;
}

function take([, slash, tag, name, isEmpty, text]: RegExpExecArray, open: Open[]): boolean {
  const around = open.at(-1)!;
  if (slash === '/') return isEmpty === '' && close(around, tag!, text!, open);
  // next to each other at the top, or beside text, or named like what every object has
  const isOdd = (open.length === 1 && around.children !== null) || !isBlank(around.text);
  if (isOdd || name! in Object.prototype || open.length > DEEPEST) return false;
  around.children ??= {};
  if (isEmpty !== '/') {
    open.push({ tag: tag!, name: name!, text: text!, children: null });
    return true;
  }
  add(around.children, name!, '');
  return isBlank(text!);
}

function close({ tag, name, text, children }: Open, closed: string, after: string, open: Open[]): boolean {
  if (tag !== closed || open.length === 1 || !isBlank(after)) return false;
  open.pop();
  add(open.at(-1)!.children!, name, children ?? decodeEntities(trimmed(text)));
  return true;
}

function add(children: Record<string, XmlNode | XmlNode[]>, name: string, node: XmlNode): void {
  const present = children[name];
  if (present === undefined) children[name] = node;
  else if (Array.isArray(present)) present.push(node);
  else children[name] = [present, node];
}

function isBlank(text: string): boolean {
  return text === '' || trimmed(text) === '';
}
