/**
 * Times as form values (protocol notes 3.5). The text is read in the site's locale, which we do not know: the writings
 * are tried in order, and what the server stored is measured.
 */
export type DateWriting = (modifiedMs: number) => string;

/** Sortable; most locales read it. */
const sortable: DateWriting = (ms) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
const monthFirst: DateWriting = (ms) =>
  english(ms, (date) => `${date.getUTCMonth() + 1}/${date.getUTCDate()}`);
const dayFirst: DateWriting = (ms) => {
  const iso = new Date(ms).toISOString();
  return `${iso.slice(8, 10)}/${iso.slice(5, 7)}/${iso.slice(0, 4)} ${iso.slice(11, 19)}`;
};
/** `11/22/2026 1:20 AM`: to the minute, which is all that some sites take. */
const minutes: DateWriting = (ms) => monthFirst(ms).replace(/:\d{2} /, ' ');

export const DATE_WRITINGS: readonly DateWriting[] = [sortable, monthFirst, minutes, dayFirst];

/** It has no seconds. */
export function isCoarse(writing: number): boolean {
  return DATE_WRITINGS[writing] === minutes;
}

const MINUTE_MS = 60_000;
const QUARTER_HOUR_MS = 15 * MINUTE_MS;
const FURTHEST_ZONE_MS = 14 * 60 * MINUTE_MS;

/**
 * What a server may have made of a date that it did not read as it was meant: without its seconds, with day and month
 * swapped, in another time zone.
 */
export function isMisreadingOf(meantMs: number, seenMs: number): boolean {
  return [meantMs, withDayAsMonth(meantMs)].some((ms) => {
    const minute = Math.floor(ms / MINUTE_MS) * MINUTE_MS;
    return [ms, minute, minute + MINUTE_MS].some((read) => {
      const offMs = Math.abs(seenMs - read);
      return offMs % QUARTER_HOUR_MS === 0 && offMs <= FURTHEST_ZONE_MS;
    });
  });
}

/** Itself where the day is no month. */
function withDayAsMonth(ms: number): number {
  const date = new Date(ms);
  const [day, month] = [date.getUTCDate(), date.getUTCMonth() + 1];
  return day > 12 ? ms : date.setUTCMonth(day - 1, month);
}

function english(ms: number, monthAndDay: (date: Date) => string): string {
  const date = new Date(ms);
  const hours = date.getUTCHours();
  const pad = (number: number) => String(number).padStart(2, '0');
  const time = `${hours % 12 || 12}:${pad(date.getUTCMinutes())}:${pad(date.getUTCSeconds())}`;
  return `${monthAndDay(date)}/${date.getUTCFullYear()} ${time} ${hours < 12 ? 'AM' : 'PM'}`;
}
