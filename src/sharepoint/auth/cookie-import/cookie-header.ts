/** Reads a `Cookie:` header as a person pastes it: with or without the name, alone or among other header lines. */

export interface CookiePair {
  readonly name: string;
  readonly value: string;
}

export function parseCookieHeader(text: string): CookiePair[] {
  return cookieText(text)
    .split(';')
    .map(parsePair)
    .filter((pair) => pair !== null);
}

function cookieText(text: string): string {
  const line = text.split(/\r?\n/).find((candidate) => /^\s*['"]?cookie\s*:/i.test(candidate));
  // A terminal may have wrapped a pasted line; blanks between the pieces belong to no value.
  const whole = line ?? text.replace(/\r?\n\s*/g, '');
  return whole
    .replace(/^\s*['"]?cookie\s*:\s*/i, '')
    .trim()
    .replace(/^['"]|['"]$/g, '');
}

function parsePair(text: string): CookiePair | null {
  const at = text.indexOf('=');
  if (at <= 0) return null;
  const name = text.slice(0, at).trim();
  const value = text.slice(at + 1).trim();
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name) && value !== '' ? { name, value } : null;
}
