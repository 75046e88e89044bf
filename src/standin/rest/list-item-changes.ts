/**
 * GetListItemChangesSinceToken (protocol notes 3.4): an XML rowset. Without a token the whole list in pages; with one,
 * every item that changed once, as it is now, and what is gone as `Id` elements.
 */
import { escapeXml } from '../encoding.js';
import { serverPath } from '../sites.js';
import type { ChangeEntry, ChangeType } from '../store/change-log.js';
import type { Item } from '../store/item.js';
import { oldestToken, sinceToken } from './list-changes.js';
import { afterIdOf, camlAttribute, pageOf, scopeOf } from './list-query.js';
import type { RestCall } from './rest-call.js';
import { badQuery, RestError } from './rest-error.js';
import { withoutPlace } from './row-gaps.js';
import { versionFields } from './row-versions.js';

const DEFAULT_ROW_LIMIT = 100;
const NAMESPACES =
  'xmlns:s="uuid:BDC6E3F0-6DA3-11d1-A2A3-00AA00C14882" xmlns:dt="uuid:C2F41010-65B3-11d1-A29F-00AA00C14882"' +
  ' xmlns:rs="urn:schemas-microsoft-com:rowset" xmlns:z="#RowsetSchema" xmlns="http://schemas.microsoft.com/sharepoint/soap/"';

interface Query {
  readonly token: string | null;
  readonly options: string;
  readonly rowLimit: number;
}

export async function listItemChanges(call: RestCall): Promise<void> {
  const query = queryOf(await call.json());
  const xml = query.token === null ? wholeList(call, query) : changedItems(call, query, query.token);
  await call.reply({
    status: 200,
    headers: { 'Content-Type': 'text/xml; charset=utf-8' },
    body: `<?xml version="1.0" encoding="utf-8"?>${xml}`,
  });
}

/** Members must be plain strings; an object is refused (notes 3.4). */
function queryOf(body: Readonly<Record<string, unknown>>): Query {
  const query = (body.query ?? {}) as Readonly<Record<string, unknown>>;
  const member = (name: string): string | null => {
    const value = query[name];
    if (value === undefined || value === null || value === '') return null;
    if (typeof value === 'string' || typeof value === 'number') return String(value);
    throw badQuery(
      `An unexpected 'StartObject' node was found for property named '${name}'. A 'PrimitiveValue' node was expected.`,
    );
  };
  const rowLimit = Number(member('RowLimit') ?? DEFAULT_ROW_LIMIT);
  if (!Number.isInteger(rowLimit) || rowLimit <= 0) throw badQuery('The parameter RowLimit is not valid.');
  return { token: member('ChangeToken'), options: member('QueryOptions') ?? '', rowLimit };
}

function wholeList(call: RestCall, query: Query): string {
  const page = pageOf(call, {
    ids: null,
    folder: call.site.store.root,
    scope: scopeOf(camlAttribute(query.options, 'ViewAttributes', 'Scope')),
    rowLimit: query.rowLimit,
    afterId: afterIdOf(camlAttribute(query.options, 'Paging', 'ListItemCollectionPositionNext')),
  });
  const next = page.more ? `Paged=TRUE&p_ID=${page.items.at(-1)!.number}` : null;
  const token = call.site.store.changes.end(call.world.clock.now());
  return rowset(
    `<Changes LastChangeToken="${token}"/>`,
    page.items.map((item) => rowXml(call, item)),
    next,
  );
}

function changedItems(call: RestCall, query: Query, token: string): string {
  let found: { entries: ChangeEntry[]; more: boolean };
  try {
    found = sinceToken(call, token, query.rowLimit);
  } catch (error) {
    if (!(error instanceof RestError) || call.world.switches.expiredListToken === 'error') throw error;
    return rowset(
      `<Changes LastChangeToken="${oldestToken(call)}"><Id ChangeType="InvalidToken"/></Changes>`,
      [],
      null,
    );
  }
  const { entries, more } = found;
  const { changes } = call.site.store;
  const last = more ? changes.tokenAfter(entries.at(-1)!) : changes.end(call.world.clock.now());
  const ids: string[] = [];
  const rows: string[] = [];
  for (const [number, types] of byItem(entries)) {
    const item = call.site.store.byNumber(number);
    for (const word of idWords(call, types, item)) ids.push(idXml(call, number, word));
    if (item !== undefined && item !== call.site.store.root) rows.push(rowXml(call, item));
  }
  return rowset(
    `<Changes LastChangeToken="${last}"${more ? ' MoreChanges="TRUE"' : ''}>${ids.join('')}</Changes>`,
    rows,
    null,
  );
}

/** The types of change of every item, in the order in which items first changed. */
function byItem(entries: readonly ChangeEntry[]): Map<number, Set<ChangeType>> {
  const types = new Map<number, Set<ChangeType>>();
  for (const { number, type } of entries) {
    const known = types.get(number) ?? new Set();
    types.set(number, known.add(type));
  }
  return types;
}

function idWords(call: RestCall, types: ReadonlySet<ChangeType>, item: Item | undefined): string[] {
  const isDeleted = types.has('delete') || call.world.switches.goneWithFolder === 'delete';
  if (item === undefined && isDeleted) return ['Delete'];
  const words: string[] = [];
  if (types.has('rename')) words.push('Rename');
  if (types.has('move-away')) words.push('MoveAway');
  if (types.has('restore')) words.push('Restore');
  return words;
}

function idXml(call: RestCall, number: number, word: string): string {
  return `<Id ChangeType="${word}" UniqueId="${call.site.store.guids.guidOf(number)}">${number}</Id>`;
}

function rowset(changes: string, rows: readonly string[], next: string | null): string {
  const position = next === null ? '' : ` ListItemCollectionPositionNext="${escapeXml(next)}"`;
  const data = `<rs:data ItemCount="${rows.length}"${position}>${rows.join('')}</rs:data>`;
  return `<listitems ${NAMESPACES} MinTimeBetweenSyncs="0" RecommendedTimeBetweenSyncs="180" MaxBulkDocumentSyncSize="500">${changes}${data}</listitems>`;
}

/** Lookup-like values carry the ID before `;#`, paths have no leading slash. */
function rowXml(call: RestCall, item: Item): string {
  const shown = call.view.show(item);
  const id = item.number;
  const guid = call.site.store.guidOf(item).toUpperCase();
  const path = serverPath(call.site, item).slice(1);
  const values = {
    ows_ID: String(id),
    ows_UniqueId: `${id};#{${guid}}`,
    ows_FSObjType: `${id};#${item.kind === 'folder' ? 1 : 0}`,
    ows_FileRef: `${id};#${path}`,
    ows_FileDirRef: `${id};#${path.slice(0, path.lastIndexOf('/'))}`,
    ows_FileLeafRef: `${id};#${item.name}`,
    ows_Modified: sortable(shown.modifiedMs),
    ows_Created: sortable(item.createdMs),
    ows_Last_x0020_Modified: `${id};#${sortable(shown.modifiedMs)}`,
    ows_File_x0020_Size: item.kind === 'file' ? `${id};#${shown.size}` : `${id};#`,
    ows_SMTotalFileStreamSize: item.kind === 'file' ? String(shown.size) : '',
    ...prefixed(versionFields(shown.version, call.world.switches)),
    ows__UIVersionString: `${shown.version}.0`,
    ows_ContentTypeId: item.kind === 'folder' ? '0x0120' : '0x0101',
  };
  const shownValues = withoutPlace(values, item.name, call.world.switches);
  const attributes = Object.entries(shownValues).map(([name, value]) => `${name}="${escapeXml(value)}"`);
  return `<z:row ${attributes.join(' ')}/>`;
}

function prefixed(fields: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [`ows_${name}`, value]));
}

function sortable(atMs: number): string {
  return new Date(atMs)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, '');
}
