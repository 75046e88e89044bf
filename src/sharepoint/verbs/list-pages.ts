/**
 * The library's items in pages, by RenderListDataAsStream (protocol notes 3.4): of the whole tree or of one folder. The
 * library is addressed by its URL, because its title is translated.
 */
import {
  DriveError,
  type DrivePath,
  type PlacedItem,
  type RequestOptions,
  type SnapshotOptions,
  type UnversionedItem,
} from '../../drive/index.js';
import type { HttpResponse } from '../http/transport.js';
import { driveErrorOf, isThreshold } from '../wire/drive-error.js';
import { jsonRecords } from '../wire/json-records.js';
import { type ListRow, ROW_FIELDS } from '../wire/list-rows.js';
import { inSlices } from '../wire/xml-records.js';
import { errorText, type Remote } from './remote.js';
import { field, type RestClient, stringIn, unwrapped } from './rest-client.js';
import { RowReader, type UnplacedRow } from './row-reader.js';
import type { Sampled } from './row-versions.js';

export interface ItemPage extends Sampled {
  readonly items: readonly PlacedItem[];
  readonly unversioned: readonly UnversionedItem[];
  readonly unplaced: readonly UnplacedRow[];
  readonly isBelowTop: boolean;
  /** What continues after this page; null on the last one. */
  readonly next: string | null;
}

/** A site of one's own may allow fewer rows than the usual threshold; with less than this pages are not worth it. */
const FEWEST_ROWS = 500;
/** ListData, and the fields of the file system: ETags. */
const RENDER_OPTIONS = 2 | 32;

export interface PageQuery {
  /** The folder whose direct children are meant; null: everything in the library. */
  readonly folder: DrivePath | null;
  readonly paging: string | null;
  /** Only the items with these numbers; absent: all. */
  readonly numbers?: readonly number[];
}

export async function itemPage(
  remote: Remote,
  rest: RestClient,
  query: PageQuery,
  options: SnapshotOptions,
): Promise<ItemPage> {
  const { ways } = remote;
  for (;;) {
    const rows = ways.pageRows;
    const response = await asked(remote, rest, { ...query, rows }, options);
    if (response.status >= 200 && response.status < 300) return pageIn(response, remote, options);
    const { status, headers } = response;
    const refusal = { status, headers, text: await errorText(response) };
    if (!isThreshold(refusal) || rows <= FEWEST_ROWS) {
      throw driveErrorOf(refusal, 'tree', query.folder ?? 'the library');
    }
    ways.fewerRows(Math.max(FEWEST_ROWS, Math.floor(rows / 2)));
  }
}

function asked(
  remote: Remote,
  rest: RestClient,
  query: PageQuery & { readonly rows: number },
  options: RequestOptions,
): Promise<HttpResponse> {
  const parameters = {
    RenderOptions: RENDER_OPTIONS,
    ViewXml: viewXml(query),
    DatesInUtc: true,
    AllowMultipleValueFilterForTaxonomyFields: true,
    ...(query.folder === null ? {} : { FolderServerRelativeUrl: remote.locations.serverPath(query.folder) }),
    ...(query.paging === null ? {} : { Paging: query.paging }),
  };
  const call = { path: 'web/GetList(@l)/RenderListDataAsStream', query: `@l=${listLiteral(remote)}` };
  return rest.postJson(call, { parameters }, options, { mayBePacked: true });
}

async function pageIn(answer: HttpResponse, remote: Remote, options: SnapshotOptions): Promise<ItemPage> {
  const rows = new RowReader(remote);
  let rest: unknown = null;
  for await (const batch of jsonRecords(answer.body, 'Row')) {
    if ('rest' in batch) rest = batch.rest;
    else await inSlices(batch, (row) => rows.add(parsed(row)));
    await options.makeWay?.();
  }
  const data = field(unwrapped(rest), 'ListData') ?? field(rest, 'RenderListDataAsStream') ?? unwrapped(rest);
  if (!Array.isArray(field(data, 'Row')))
    throw new DriveError('protocol', 'a page of the library has no rows');
  await rows.ask(options);
  const { items, unversioned, unplaced, samples, isBelowTop } = rows;
  if (unplaced.length > 0)
    remote.log.info({ rows: unplaced.length }, 'some rows of the library do not tell where their items are');
  return { items, unversioned, unplaced, samples, isBelowTop, next: nextPaging(field(data, 'NextHref')) };
}

function parsed(text: string): ListRow {
  try {
    return JSON.parse(text) as ListRow;
  } catch (cause) {
    throw new DriveError('protocol', 'a row of the library does not parse', { cause });
  }
}

/** `'…'` with the library's path, for the alias of `GetList(@l)`. */
export function listLiteral({ locations }: Remote): string {
  return `'${encodeURIComponent(locations.basePath.replaceAll("'", "''"))}'`;
}

function viewXml({ folder, numbers, rows }: PageQuery & { readonly rows: number }): string {
  const scope = folder === null ? ' Scope="RecursiveAll"' : '';
  const values = numbers?.map((number) => `<Value Type="Counter">${number}</Value>`).join('');
  const where =
    values === undefined ? '' : `<Where><In><FieldRef Name="ID"/><Values>${values}</Values></In></Where>`;
  const fields = ROW_FIELDS.map((name) => `<FieldRef Name="${name}"/>`).join('');
  return (
    `<View${scope}><Query>${where}<OrderBy><FieldRef Name="ID" Ascending="TRUE"/></OrderBy></Query>` +
    `<ViewFields>${fields}</ViewFields><RowLimit Paged="TRUE">${rows}</RowLimit></View>`
  );
}

/** `?Paged=TRUE&p_ID=…` is passed back without its question mark. */
function nextPaging(href: unknown): string | null {
  const text = stringIn(href);
  return text === null || text === '' ? null : text.replace(/^\?/, '');
}
