/**
 * Dates as WebDAV answers give them: ISO 8601 to Office, RFC 1123 to others, sometimes without a leading zero
 * (protocol notes 2.2), the older forms that HTTP allows, with any offset. Whole seconds. The names of zones say nothing:
 * all these forms are in UTC, and who writes another name means that as well.
 */

/** "Sun, 06 Nov 1994 08:49:37 GMT", and the obsolete "Sunday, 06-Nov-94 08:49:37 GMT". */
const RFC =
  /^(?:\w+,\s*)?(\d{1,2})[\s-](\w{3})\w*[\s-](\d{4}|\d{2})\s+(\d{1,2}):(\d{2}):(\d{2})(?:\s*([a-z]{1,5}|[+-]\d{2}:?\d{2}))?$/i;
/** asctime, the third form that HTTP allows: "Sun Nov  6 08:49:37 1994". Some put a zone before the year. */
const ASCTIME = /^\w{3}\s+(\w{3})\s+(\d{1,2})\s+(\d{1,2}):(\d{2}):(\d{2})(?:\s+[a-z]{1,5})?\s+(\d{4})$/i;
/** A year of two digits below this is of this century. */
const CENTURY_TURN = 70;
const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

/** Milliseconds since 1970, or null for what is no date. */
export function parseDavDate(text: string): number | null {
  const trimmed = text.trim();
  const rfc = RFC.exec(trimmed);
  if (rfc !== null) {
    const [, day, month, year, hour, minute, second, zone] = rfc;
    const localMs = fromParts(fullYear(year!), month!, Number(day), [hour!, minute!, second!]);
    return localMs === null ? null : localMs - offsetMs(zone ?? '');
  }
  const asctime = ASCTIME.exec(trimmed);
  if (asctime !== null) {
    const [, month, day, hour, minute, second, year] = asctime;
    return fromParts(Number(year), month!, Number(day), [hour!, minute!, second!]);
  }
  return fromIso(trimmed);
}

function fromParts(year: number, monthName: string, day: number, time: readonly string[]): number | null {
  const month = MONTHS.indexOf(monthName.toLowerCase());
  if (month < 0) return null;
  const [hour, minute, second] = time.map(Number);
  return Date.UTC(year, month, day, hour, minute, second);
}

function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length > 2) return year;
  return year < CENTURY_TURN ? 2000 + year : 1900 + year;
}

const ISO =
  /^(\d{4})-(\d{1,2})-(\d{1,2})[T ](\d{1,2}):(\d{2}):(\d{2})(?:\.\d+)?(?:\s*(Z|[+-]\d{2}:?\d{2}))?$/i;

/** Without a zone it is UTC. */
function fromIso(text: string): number | null {
  const parts = ISO.exec(text);
  if (parts === null) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number);
  return Date.UTC(year!, month! - 1, day!, hour, minute, second) - offsetMs(parts[7] ?? 'Z');
}

function offsetMs(zone: string): number {
  const parts = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (parts === null) return 0;
  const minutes = Number(parts[2]) * 60 + Number(parts[3]);
  return (parts[1] === '-' ? -minutes : minutes) * 60_000;
}
