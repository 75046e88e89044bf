/**
 * The calls in a REST path: `web/GetFileByServerRelativePath(decodedurl=@a1)/StartUpload(uploadId=guid'…')` becomes
 * segments with arguments. String literals double their quotes; `@a1` stands for a value in the query (notes 2.10).
 */
export type Argument = string | number | boolean | null;

export interface Segment {
  /** As written. */
  readonly name: string;
  /** Lower case. */
  readonly key: string;
  readonly positional: readonly Argument[];
  /** Keys in lower case. */
  readonly named: Readonly<Record<string, Argument>>;
}

/** The path is no sequence of calls. */
export class BadRestPath extends Error {
  override readonly name = 'BadRestPath';
}

/** Reads the decoded part of a path after `_api/`. */
export function parseRestPath(text: string, query: URLSearchParams): Segment[] {
  const aliases = new Map(
    [...query].filter(([name]) => name.startsWith('@')).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const segments: Segment[] = [];
  for (let at = 0; at < text.length; ) {
    if (text[at] === '/') {
      at++;
      continue;
    }
    const nameEnd = indexOfAny(text, '(/', at);
    const name = text.slice(at, nameEnd).trim();
    if (text[nameEnd] !== '(') {
      segments.push({ name, key: name.toLowerCase(), positional: [], named: {} });
      at = nameEnd;
      continue;
    }
    const close = closingParenthesis(text, nameEnd);
    segments.push({ name, key: name.toLowerCase(), ...argumentsOf(text.slice(nameEnd + 1, close), aliases) });
    at = close + 1;
  }
  return segments;
}

/** The argument of that name, or the only positional one. */
export function argumentOf(segment: Segment, name: string): Argument | undefined {
  return segment.named[name.toLowerCase()] ?? segment.positional[0];
}

export function textArgument(segment: Segment, name: string): string {
  const value = argumentOf(segment, name);
  if (typeof value !== 'string')
    throw new BadRestPath(`The parameter ${name} of ${segment.name} is missing.`);
  return value;
}

export function numberArgument(segment: Segment, name: string): number {
  const value = Number(segment.named[name.toLowerCase()] ?? segment.positional[1] ?? Number.NaN);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new BadRestPath(`The parameter ${name} of ${segment.name} is not a number.`);
  }
  return value;
}

function argumentsOf(text: string, aliases: ReadonlyMap<string, string>) {
  const positional: Argument[] = [];
  const named: Record<string, Argument> = {};
  for (const part of splitOutsideQuotes(text)) {
    const pair = /^\s*([A-Za-z_]\w*)\s*=\s*([\s\S]*)$/.exec(part);
    if (pair === null) positional.push(literal(part.trim(), aliases));
    else named[pair[1]!.toLowerCase()] = literal(pair[2]!.trim(), aliases);
  }
  return { positional, named };
}

function literal(text: string, aliases: ReadonlyMap<string, string>): Argument {
  if (text.startsWith('@')) {
    const value = aliases.get(text.toLowerCase());
    if (value === undefined) throw new BadRestPath(`The parameter alias ${text} has no value.`);
    return literal(value.trim(), new Map());
  }
  const quoted = /^(?:guid|datetime|binary)?'([\s\S]*)'$/i.exec(text);
  if (quoted !== null) return quoted[1]!.replace(/''/g, "'");
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (text === 'null' || text === '') return null;
  // A bare GUID, or a word: clients are not strict, and the service is not either.
  return text;
}

function splitOutsideQuotes(text: string): string[] {
  if (text.trim() === '') return [];
  const parts: string[] = [];
  let from = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "'") quoted = !quoted;
    if (text[at] !== ',' || quoted) continue;
    parts.push(text.slice(from, at));
    from = at + 1;
  }
  return [...parts, text.slice(from)];
}

function closingParenthesis(text: string, open: number): number {
  let quoted = false;
  for (let at = open; at < text.length; at++) {
    if (text[at] === "'") quoted = !quoted;
    if (text[at] === ')' && !quoted) return at;
  }
  throw new BadRestPath('The expression is not well formed: a parenthesis is missing.');
}

function indexOfAny(text: string, characters: string, from: number): number {
  let at = from;
  while (at < text.length && !characters.includes(text[at]!)) at++;
  return at;
}
