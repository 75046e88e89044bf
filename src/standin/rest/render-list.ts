/** RenderListDataAsStream (protocol notes 3.4, 3.7): rows as strings, pages by `NextHref`, and a token for the v2 API. */
import { etagText } from '../etag.js';
import { serverPath } from '../sites.js';
import type { FolderItem, Item } from '../store/item.js';
import { driveIdOf, itemIdOf } from '../v2/item-id.js';
import { timeText } from './entities.js';
import { formatFormDate } from './form-dates.js';
import { siteDates } from './form-values.js';
import {
  afterIdOf,
  camlAttribute,
  camlText,
  fileType,
  idsIn,
  type ListPage,
  pageOf,
  scopeOf,
} from './list-query.js';
import type { RestCall } from './rest-call.js';
import { badQuery, fileNotFound, RestError } from './rest-error.js';
import { withGaps } from './row-gaps.js';
import { versionFields } from './row-versions.js';

/** Bits of RenderOptions that matter here. */
const CONTEXT_INFO = 1;
const LIST_DATA = 2;
const LIST_SCHEMA = 4;
const FILE_SYSTEM_ITEM_ID = 32;

const DEFAULT_ROW_LIMIT = 30;
/** Rows per piece of the answer. */
const BATCH = 250;

interface Rendering {
  readonly page: ListPage;
  readonly options: number;
  readonly rowLimit: number;
  readonly firstRow: number;
  readonly inUtc: boolean;
}

export async function renderList(call: RestCall): Promise<void> {
  const rendering = await renderingOf(call);
  await call.reply({
    status: 200,
    headers: { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'private' },
    body: pieces(call, rendering),
  });
}

async function renderingOf(call: RestCall): Promise<Rendering> {
  const body = await call.json();
  const parameters = (body.parameters ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof parameters !== 'object') throw badQuery('The parameter parameters is not an object.');
  const text = (name: string) =>
    typeof parameters[name] === 'string' ? (parameters[name] as string) : undefined;
  const viewXml = text('ViewXml') ?? '';
  const { largestRowPage, rowConditions } = call.world.switches;
  const askedRows = Number(camlText(viewXml, 'RowLimit') ?? DEFAULT_ROW_LIMIT);
  checkThreshold(call, askedRows);
  const rowLimit = Math.min(askedRows, largestRowPage);
  const paging = text('Paging') ?? call.request.rawQuery;
  const afterId = afterIdOf(paging);
  const page = pageOf(call, {
    folder: folderOf(call, text('FolderServerRelativeUrl') ?? call.request.query.get('RootFolder')),
    scope: scopeOf(camlAttribute(viewXml, 'View', 'Scope')),
    rowLimit,
    afterId,
    ids: rowConditions === 'heed' ? idsIn(viewXml) : null,
  });
  const firstRow = Number(new URLSearchParams(paging).get('PageFirstRow') ?? 1);
  return {
    page,
    rowLimit,
    firstRow,
    options: Number(parameters.RenderOptions ?? LIST_DATA) || LIST_DATA,
    inUtc: parameters.DatesInUtc === true,
  };
}

function checkThreshold(call: RestCall, rowLimit: number): void {
  if (Number.isInteger(rowLimit) && rowLimit > 0 && rowLimit <= call.world.switches.listViewThreshold) return;
  throw new RestError(
    500,
    '-2147024860, Microsoft.SharePoint.SPQueryThrottledException',
    'The attempted operation is prohibited because it exceeds the list view threshold.',
  );
}

function folderOf(call: RestCall, path: string | null): FolderItem {
  if (path === null || path === '') return call.site.store.root;
  const folder = call.view.find(call.namesAt(path));
  if (folder?.kind !== 'folder') throw fileNotFound();
  return folder;
}

async function* pieces(call: RestCall, rendering: Rendering): AsyncGenerator<Uint8Array> {
  const { page, options, rowLimit, firstRow } = rendering;
  const isNested = (options & ~LIST_DATA & ~FILE_SYSTEM_ITEM_ID) !== 0;
  let text = isNested ? `{"wpq":"",${contextMembers(call, options)}"ListData":{"Row":[` : '{"Row":[';
  let written = 0;
  for (const item of page.items) {
    // Removed since the page was taken: its path would lead nowhere.
    if (!call.site.store.holds(item)) continue;
    text += `${written === 0 ? '' : ','}${JSON.stringify(rowOf(call, item, rendering))}`;
    if (++written % BATCH !== 0) continue;
    yield Buffer.from(text);
    text = '';
    await new Promise((resolve) => setImmediate(resolve));
  }
  const lastRow = firstRow + page.items.length - 1;
  const tail = {
    FirstRow: firstRow,
    FolderPermissions: '0x7fffffffffffffff',
    LastRow: lastRow,
    RowLimit: rowLimit,
    ...(page.more ? { NextHref: nextHref(call, page, lastRow) } : {}),
    FilterLink: '?',
    ForceNoHierarchy: '1',
    HierarchyHasIndention: '',
  };
  yield Buffer.from(`${text}],${JSON.stringify(tail).slice(1)}${isNested ? '}' : ''}`);
}

function nextHref(call: RestCall, page: ListPage, lastRow: number): string {
  const last = page.items.at(-1);
  return `?Paged=TRUE&p_ID=${last?.number ?? 0}&PageFirstRow=${lastRow + 1}&View=${call.site.store.listId}`;
}

function contextMembers(call: RestCall, options: number): string {
  const members: Record<string, unknown> = {};
  if ((options & CONTEXT_INFO) !== 0) {
    members.listTemplate = '700';
    members.listUrlDir = call.site.libraryName;
  }
  if ((options & LIST_SCHEMA) !== 0) members.ListSchema = listSchema(call);
  const text = JSON.stringify(members).slice(1, -1);
  return text === '' ? '' : `${text},`;
}

function listSchema(call: RestCall): Record<string, string> {
  const schema = {
    '.driveUrl': `${call.apiUrl}v2.0/drives/${driveIdOf(call.site.store.listId)}`,
    LCID: '1033',
  };
  if (!call.world.switches.driveAccessToken) return schema;
  const token = call.world.signIn.issueAccessToken(call.session.user, call.origin);
  return { ...schema, '.driveAccessToken': `access_token=${token}` };
}

/** Values are strings in the site's way; sizes and times come in a machine's way as well. */
function rowOf(call: RestCall, item: Item, { inUtc, options }: Rendering): Record<string, string> {
  const shown = call.view.show(item);
  const { switches } = call.world;
  const guid = call.site.store.guidOf(item).toUpperCase();
  const dates = siteDates(call, inUtc);
  const size = item.kind === 'file' ? String(shown.size) : '';
  const ids = {
    ...(switches.rowVersions === 'etag' && { '.etag': etagText(call.world, guid, shown.version) }),
    '.spItemUrl': `${call.apiUrl}v2.0/drives/${driveIdOf(call.site.store.listId)}/items/${itemIdOf(guid)}?version=Published`,
  };
  const row = {
    ID: String(item.number),
    PermMask: '0x7fffffffffffffff',
    FSObjType: item.kind === 'folder' ? '1' : '0',
    ContentTypeId: item.kind === 'folder' ? '0x0120' : '0x0101',
    FileRef: serverPath(call.site, item),
    'FileRef.urlencode': encodeURIComponent(serverPath(call.site, item)),
    FileDirRef: parentOf(serverPath(call.site, item)),
    FileLeafRef: item.name,
    'FileLeafRef.Name': item.name.replace(/(.)\.[^.]*$/, '$1'),
    UniqueId: `{${guid}}`,
    File_x0020_Type: fileType(item),
    HTML_x0020_File_x0020_Type: '',
    ItemChildCount: String(item.kind === 'folder' ? childCount(item, 'file') : 0),
    FolderChildCount: String(item.kind === 'folder' ? childCount(item, 'folder') : 0),
    Modified: formatFormDate(shown.modifiedMs, dates),
    'Modified.': timeText(shown.modifiedMs),
    Created: formatFormDate(item.createdMs, dates),
    'Created.': timeText(item.createdMs),
    FileSizeDisplay: size,
    File_x0020_Size: size,
    SMTotalFileStreamSize: size,
    SMTotalSize: size === '' ? '0' : size,
    ...versionFields(shown.version, switches),
    _UIVersionString: `${shown.version}.0`,
    ServerRedirectedEmbedUrl: '',
    ...((options & FILE_SYSTEM_ITEM_ID) !== 0 ? ids : {}),
    ...shortcutFields(item),
  };
  return withGaps(row, switches);
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

/** How a library's rows tell of a shortcut, as public scripts read them. */
function shortcutFields({ extra }: Item): Record<string, string> {
  if (extra?.shortcutUrl === undefined) return {};
  return {
    ProgId: 'AddToOneDrive.MountPoint',
    A2ODExtendedMetadata: JSON.stringify({ riwu: extra.shortcutUrl }),
  };
}

function childCount(folder: FolderItem, kind: Item['kind']): number {
  let count = 0;
  for (const child of folder.children.values()) if (child.kind === kind) count++;
  return count;
}
