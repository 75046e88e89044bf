/**
 * The rows of some items of the library, asked for by their numbers. A server may answer in smaller pages than it is asked
 * for, or not heed the condition and bring all rows that there are: what was not asked for is left out, because what is
 * known of those items may be newer.
 */
import { DriveError, type PlacedItem, type RequestOptions, type UnversionedItem } from '../../drive/index.js';
import { itemPage } from './list-pages.js';
import type { Remote } from './remote.js';
import type { RestClient } from './rest-client.js';
import type { UnplacedRow } from './row-reader.js';
import { RowSamples, type Sampled } from './row-versions.js';

/** CAML's `In` takes at most 500 values. */
export const NUMBERS_PER_QUERY = 250;
/** Of a million rows, 1,000 to a page. */
const MOST_PAGES = 1_000;

/** An item by the two names that the server has for it. */
export interface NumberedItem {
  readonly number: number;
  /** Null: not known. */
  readonly id: string | null;
}

export interface FoundRows extends Sampled {
  readonly items: PlacedItem[];
  readonly unversioned: UnversionedItem[];
  readonly unplaced: UnplacedRow[];
  /** Where they came in several answers, between which anything may have moved: so many were in the first. */
  cutAfter: number | null;
}

export async function rowsByNumber(
  remote: Remote,
  rest: RestClient,
  wanted: readonly NumberedItem[],
  options: RequestOptions,
): Promise<FoundRows> {
  const found = { items: [], unversioned: [], unplaced: [], samples: new RowSamples() };
  const rows: FoundRows = { ...found, cutAfter: null };
  for (let at = 0; at < wanted.length; at += NUMBERS_PER_QUERY) {
    await readAll(remote, rest, { wanted: wanted.slice(at, at + NUMBERS_PER_QUERY), rows }, options);
  }
  return rows;
}

async function readAll(
  remote: Remote,
  rest: RestClient,
  { wanted, rows }: { readonly wanted: readonly NumberedItem[]; readonly rows: FoundRows },
  options: RequestOptions,
): Promise<void> {
  const numbers = wanted.map(({ number }) => number);
  const asked = new Set(numbers);
  const ids = new Set(wanted.map(({ id }) => id));
  const isMeant = ({ item }: UnversionedItem) => ids.has(item.id) || ids.has(null);
  let paging: string | null = null;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const page = await itemPage(remote, rest, { folder: null, paging, numbers }, options);
    const all = page.items.length + page.unversioned.length + page.unplaced.length;
    if (page.next !== null && all < numbers.length) rows.cutAfter ??= all;
    rows.samples.addAll(page.samples);
    rows.items.push(...page.items.filter(isMeant));
    rows.unversioned.push(...page.unversioned.filter(isMeant));
    rows.unplaced.push(...page.unplaced.filter(({ number }) => number === null || asked.has(number)));
    if (page.next === null) return;
    paging = page.next;
  }
  throw new DriveError('protocol', 'more rows than were asked for');
}
