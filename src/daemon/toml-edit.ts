/**
 * Edits of config.toml that leave everything else as the person wrote it: comments, order, blank lines. Understands
 * tables written as `[accounts.NAME]` with one `key = value` a line, which is how this program writes them; the caller
 * checks the outcome by parsing it.
 */
export type TomlValue = string | number | boolean;

/** Sets keys of an account's table, which is added at the end when there is none; null removes a key. */
export function setAccountKeys(
  text: string,
  account: string,
  values: Readonly<Record<string, TomlValue | null>>,
): string {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  let table = findTable(lines, account);
  if (table === null) {
    if (lines.length > 0 && lines.at(-1)?.trim() !== '') lines.push('');
    lines.push(`[accounts.${keyText(account)}]`);
    table = { start: lines.length - 1, end: lines.length };
  }
  for (const [key, value] of Object.entries(values)) table = setKey(lines, table, key, value);
  return `${lines.join('\n')}\n`;
}

/** Removes an account's table with what is in it; a comment right above the next table stays. */
export function removeAccount(text: string, account: string): string {
  const lines = text.replace(/\n$/, '').split('\n');
  const table = findTable(lines, account);
  if (table === null) return text;
  lines.splice(table.start, table.end - table.start);
  const rest = lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd();
  return rest === '' ? '' : `${rest}\n`;
}

/** The line (from 1) where a key of an account stands, else the table's, else null. */
export function lineOf(text: string, account: string, key: string): number | null {
  const lines = text.split('\n');
  const table = findTable(lines, account);
  if (table === null) return null;
  return (findKey(lines, table, key) ?? table.start) + 1;
}

/** Lines `start` (the header) up to but not including `end`. */
interface Table {
  readonly start: number;
  readonly end: number;
}

function findTable(lines: readonly string[], account: string): Table | null {
  const headers = [`accounts.${account}`, `accounts."${account}"`, `accounts.'${account}'`];
  const start = lines.findIndex((line) => headers.includes(headerOf(line) ?? ''));
  if (start < 0) return null;
  let end = lines.findIndex((line, index) => index > start && headerOf(line) !== null);
  if (end < 0) end = lines.length;
  while (end > start + 1 && /^\s*(#.*)?$/.test(lines[end - 1]!) && end < lines.length) end -= 1;
  return { start, end };
}

function headerOf(line: string): string | null {
  return /^\s*\[+\s*([^\]]+?)\s*\]+\s*(#.*)?$/.exec(line)?.[1]?.replace(/\s*\.\s*/g, '.') ?? null;
}

function findKey(lines: readonly string[], table: Table, key: string): number | null {
  for (let at = table.start + 1; at < table.end; at += 1) {
    if (/^\s*"?([\w-]+)"?\s*=/.exec(lines[at]!)?.[1] === key) return at;
  }
  return null;
}

function setKey(lines: string[], table: Table, key: string, value: TomlValue | null): Table {
  const at = findKey(lines, table, key);
  if (value === null) {
    if (at === null) return table;
    lines.splice(at, 1);
    return { start: table.start, end: table.end - 1 };
  }
  if (at !== null) {
    const comment = /\s#[^"']*$/.exec(lines[at]!)?.[0] ?? '';
    lines[at] = `${key} = ${valueText(value)}${comment}`;
    return table;
  }
  const place = lastFilledLine(lines, table) + 1;
  lines.splice(place, 0, `${key} = ${valueText(value)}`);
  return { start: table.start, end: table.end + 1 };
}

function lastFilledLine(lines: readonly string[], table: Table): number {
  let at = table.end - 1;
  while (at > table.start && lines[at]!.trim() === '') at -= 1;
  return at;
}

function keyText(key: string): string {
  return /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
}

/** JSON's escapes of strings are TOML's, DEL excepted. */
function valueText(value: TomlValue): string {
  return typeof value === 'string' ? JSON.stringify(value).replaceAll('\u007f', '\\u007F') : String(value);
}
