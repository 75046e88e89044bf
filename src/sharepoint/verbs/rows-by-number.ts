/** The rows of some items of the library, asked for by their numbers. */
import { DriveError, type PlacedItem, type RequestOptions, type UnversionedItem } from '../../drive/index.js';
import { itemPage } from './list-pages.js';
import type { Remote } from './remote.js';
import type { RestClient } from './rest-client.js';
import type { UnplacedRow } from './row-reader.js';
import { RowSamples, type Sampled } from './row-versions.js';

/** CAML's `In` takes at most 500 values. */
const NUMBERS_PER_QUERY = 250;

export interface FoundRows extends Sampled {
  readonly items: PlacedItem[];
  readonly unversioned: UnversionedItem[];
  readonly unplaced: UnplacedRow[];
}

export async function rowsByNumber(
  remote: Remote,
  rest: RestClient,
  numbers: readonly number[],
  options: RequestOptions,
): Promise<FoundRows> {
  const rows: FoundRows = { items: [], unversioned: [], unplaced: [], samples: new RowSamples() };
  for (let at = 0; at < numbers.length; at += NUMBERS_PER_QUERY) {
    const some = numbers.slice(at, at + NUMBERS_PER_QUERY);
    const page = await itemPage(remote, rest, { folder: null, paging: null, numbers: some }, options);
    if (page.next !== null) throw new DriveError('protocol', 'more rows than were asked for');
    rows.samples.addAll(page.samples);
    rows.items.push(...page.items);
    rows.unversioned.push(...page.unversioned);
    rows.unplaced.push(...page.unplaced);
  }
  return rows;
}
