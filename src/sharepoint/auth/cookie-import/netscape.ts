/** Reads a Netscape `cookies.txt`, as curl, wget and browser extensions write it. */
import type { PlainCookie } from '../account-jar.js';

const HTTP_ONLY = '#HttpOnly_';

export function looksLikeNetscape(text: string): boolean {
  return text.split('\n').some((line) => line.split('\t').length >= 7);
}

export function parseNetscape(text: string): PlainCookie[] {
  return text
    .split(/\r?\n/)
    .map(parseLine)
    .filter((cookie) => cookie !== null);
}

/** domain, include subdomains, path, secure, expires (seconds, 0 for the session), name, value; split by tabs. */
function parseLine(line: string): PlainCookie | null {
  const httpOnly = line.startsWith(HTTP_ONLY);
  if (line.startsWith('#') && !httpOnly) return null;
  const [domain, subdomains, path, secure, expires, name, ...value] = line
    .slice(httpOnly ? HTTP_ONLY.length : 0)
    .split('\t');
  if (!domain || !path || !name || value.length === 0) return null;
  const seconds = Number(expires);
  return {
    name,
    value: value.join('\t').trim(),
    domain,
    hostOnly: subdomains?.toUpperCase() !== 'TRUE',
    path,
    secure: secure?.toUpperCase() === 'TRUE',
    httpOnly,
    expiresAt: Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null,
  };
}
