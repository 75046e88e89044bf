/**
 * Dates in form values (protocol notes 3.5): in the order and the time zone of the site, unless they are sortable
 * (`2026-11-22 01:20:00`), which every culture reads.
 */
export interface SiteDates {
  readonly order: 'mdy' | 'dmy' | 'ymd';
  /** Minutes east of Greenwich of the dates; 0 for dates in UTC. */
  readonly offsetMinutes: number;
  readonly roundsToMinutes: boolean;
}

const TEXT =
  /^(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(AM|PM)?)?(Z|[+-]\d{2}:?\d{2})?$/i;
/** The years that a date column takes. */
const FIRST_YEAR = 1900;
const LAST_YEAR = 8900;

/** Milliseconds since 1970, or null when the text is no date here. */
export function parseFormDate(text: string, dates: SiteDates): number | null {
  const match = TEXT.exec(text.trim());
  if (match === null) return null;
  const [, first, second, third, hourText, minuteText, secondText, half, zone] = match;
  const [year, month, day] = inOrder(
    [Number(first), Number(second), Number(third)],
    first!.length === 4 ? 'ymd' : dates.order,
  );
  const hour = hourOf(Number(hourText ?? 0), half?.toUpperCase());
  const seconds = dates.roundsToMinutes ? 0 : Number(secondText ?? 0);
  if (!isDate(year, month, day) || hour === null || Number(minuteText ?? 0) > 59 || seconds > 59) return null;
  const local = Date.UTC(year, month - 1, day, hour, Number(minuteText ?? 0), seconds);
  return local - (zone === undefined ? dates.offsetMinutes : zoneMinutes(zone)) * 60_000;
}

/** As the site shows a time in a form or a list. */
export function formatFormDate(atMs: number, dates: SiteDates): string {
  const at = new Date(atMs + dates.offsetMinutes * 60_000);
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate()];
  const minutes = String(at.getUTCMinutes()).padStart(2, '0');
  const hour = at.getUTCHours();
  if (dates.order === 'mdy')
    return `${month}/${day}/${year} ${hour % 12 || 12}:${minutes} ${hour < 12 ? 'AM' : 'PM'}`;
  const date = dates.order === 'dmy' ? `${day}/${month}/${year}` : `${year}-${month}-${day}`;
  return `${date} ${String(hour).padStart(2, '0')}:${minutes}`;
}

function inOrder(parts: [number, number, number], order: SiteDates['order']): [number, number, number] {
  const [a, b, c] = parts;
  if (order === 'ymd') return [a, b, c];
  return order === 'mdy' ? [c, a, b] : [c, b, a];
}

function hourOf(hour: number, half: string | undefined): number | null {
  if (half === undefined) return hour <= 23 ? hour : null;
  if (hour < 1 || hour > 12) return null;
  return (hour % 12) + (half === 'PM' ? 12 : 0);
}

function isDate(year: number, month: number, day: number): boolean {
  if (year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12 || day < 1) return false;
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function zoneMinutes(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const digits = zone.replace(':', '');
  return (zone.startsWith('-') ? -1 : 1) * (Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3)));
}
