/**
 * The library's items in pages, by RenderListDataAsStream (protocol notes 3.4): of the whole tree or of one folder. The
 * library is addressed by its URL, because its title is translated.
 */
import { DriveError, type DrivePath, type PlacedItem, type RequestOptions } from '../../drive/index.js';
import { type ListRow, placedRow, ROW_FIELDS } from '../wire/list-rows.js';
import { inSlices } from '../wire/xml-records.js';
import { accepted, type Remote } from './remote.js';
import { field, jsonOf, type RestClient, stringIn } from './rest-client.js';

export interface ItemPage {
  readonly items: readonly PlacedItem[];
  /** What continues after this page; null on the last one. */
  readonly next: string | null;
}

/** Rows per page: the list view threshold is the most that one query may touch. */
const PAGE_ROWS = 5_000;
/** ListData, and the fields of the file system: ETags. */
const RENDER_OPTIONS = 2 | 32;

export interface PageQuery {
  /** The folder whose direct children are meant; null: everything in the library. */
  readonly folder: DrivePath | null;
  readonly paging: string | null;
}

export async function itemPage(
  remote: Remote,
  rest: RestClient,
  query: PageQuery,
  options: RequestOptions,
): Promise<ItemPage> {
  const parameters = {
    RenderOptions: RENDER_OPTIONS,
    ViewXml: viewXml(query.folder === null),
    DatesInUtc: true,
    AllowMultipleValueFilterForTaxonomyFields: true,
    ...(query.folder === null ? {} : { FolderServerRelativeUrl: remote.locations.serverPath(query.folder) }),
    ...(query.paging === null ? {} : { Paging: query.paging }),
  };
  const call = {
    path: 'web/GetList(@l)/RenderListDataAsStream',
    query: `@l=${listLiteral(remote)}`,
  };
  const response = await rest.postJson(call, { parameters }, options);
  const json = await jsonOf(await accepted(response, 'tree', query.folder ?? 'the library'));
  const data = field(json, 'ListData') ?? field(json, 'RenderListDataAsStream') ?? json;
  const rows = field(data, 'Row');
  if (!Array.isArray(rows)) throw new DriveError('protocol', 'a page of the library has no rows');
  return { items: await placed(rows as ListRow[], remote), next: nextPaging(field(data, 'NextHref')) };
}

/** `'…'` with the library's path, for the alias of `GetList(@l)`. */
export function listLiteral({ locations }: Remote): string {
  return `'${encodeURIComponent(locations.basePath.replaceAll("'", "''"))}'`;
}

async function placed(rows: readonly ListRow[], remote: Remote): Promise<PlacedItem[]> {
  const items: PlacedItem[] = [];
  await inSlices(rows, (row) => {
    const one = placedRow(row, remote.locations);
    if (one === 'unreadable') throw new DriveError('protocol', 'a row of the library names no item');
    if (one !== null) items.push(one);
  });
  return items;
}

function viewXml(isRecursive: boolean): string {
  const scope = isRecursive ? ' Scope="RecursiveAll"' : '';
  const fields = ROW_FIELDS.map((name) => `<FieldRef Name="${name}"/>`).join('');
  return (
    `<View${scope}><Query><OrderBy><FieldRef Name="ID" Ascending="TRUE"/></OrderBy></Query>` +
    `<ViewFields>${fields}</ViewFields><RowLimit Paged="TRUE">${PAGE_ROWS}</RowLimit></View>`
  );
}

/** `?Paged=TRUE&p_ID=…` is passed back without its question mark. */
function nextPaging(href: unknown): string | null {
  const text = stringIn(href);
  return text === null || text === '' ? null : text.replace(/^\?/, '');
}
