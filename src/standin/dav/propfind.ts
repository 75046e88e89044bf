/**
 * PROPFIND (protocol notes 2.2): Depth 0 and 1, 404 for Depth 1 on a file, allprop for an empty body, names in their
 * own propstat groups. Listings are written as they are made, whatever their length.
 */
import { escapeXml } from '../encoding.js';
import { libraryPath } from '../sites.js';
import { descend, type FolderItem, type Item } from '../store/item.js';
import { type DavCall, plain } from './dav-call.js';
import {
  DAV,
  isoText,
  knownProperties,
  listedProperties,
  NAMESPACE_PREFIXES,
  type PropertyList,
} from './properties.js';
import { childOf, parseXml, type XmlElement } from './xml.js';

/** What the client wants to know: everything, only names, or these. */
type Asked =
  | { readonly kind: 'all' }
  | { readonly kind: 'names' }
  | { readonly kind: 'named'; readonly names: readonly string[] };

/** Responses per piece of the body. */
const BATCH = 200;
const HEAD =
  '<?xml version="1.0" encoding="utf-8" ?><D:multistatus xmlns:D="DAV:" xmlns:Office="urn:schemas-microsoft-com:office:office"' +
  ' xmlns:Repl="http://schemas.microsoft.com/repl/" xmlns:Z="urn:schemas-microsoft-com:">';

export async function propfind(call: DavCall): Promise<void> {
  const body = await call.request.text();
  const query = body.trim() === '' ? null : parseXml(body);
  const depth = (call.header('depth') ?? 'infinity').toLowerCase();
  if (depth === 'infinity' && call.world.switches.depthInfinity === 'refuse') {
    return call.reply(plain(403, '403 FORBIDDEN'));
  }
  if (call.names === null) return proposeSite(call, query, depth);
  const item = call.item;
  const isRefused = item?.kind === 'file' && depth === '1' && !call.world.switches.listFiles;
  if (item === undefined || isRefused) return call.reply(plain(404, '404 NOT FOUND'));
  if (item.kind === 'file' || depth === '0') return answer(call, query, [item]);
  if (depth === 'infinity') return answer(call, query, visibleBelow(call, item));
  await listFolder(call, query, item);
}

async function listFolder(call: DavCall, query: XmlElement | null, folder: FolderItem): Promise<void> {
  const { bigFolderThreshold, bigFolderAnswer } = call.world.switches;
  let children = call.view.children(folder);
  if (bigFolderThreshold > 0 && children.length > bigFolderThreshold) {
    if (bigFolderAnswer !== 'truncate')
      return call.reply(plain(Number(bigFolderAnswer), 'The folder is too large.'));
    children = children.slice(0, bigFolderThreshold);
  }
  const forms = call.world.switches.formsFolder && folder.parent === null ? formsXml(call) : '';
  await answer(call, query, [folder, ...children], forms);
}

/** The pages of the library's views: hidden, made by nobody, and no item of the list. */
function formsXml(call: DavCall): string {
  const { root, guids } = call.site.store;
  const guid = guids.guidOf(FORMS_NUMBER).toUpperCase();
  return responseXml(call.href([...libraryPath(call.site).slice(1).split('/'), 'Forms'], true), [
    {
      status: 200,
      properties: [
        [`${DAV}displayname`, 'Forms'],
        [`${DAV}iscollection`, '1'],
        [`${DAV}ishidden`, '1'],
        [`${DAV}resourcetype`, '<D:collection/>'],
        [`${DAV}getlastmodified`, new Date(root.createdMs).toUTCString()],
        [`${DAV}creationdate`, isoText(root.createdMs)],
        ['{http://schemas.microsoft.com/repl/}repl-uid', `rid:{${guid}}`],
        [`${DAV}getetag`, `&quot;{${guid}},0&quot;`],
      ],
    },
  ]);
}

/** Above the numbers of all items. */
const FORMS_NUMBER = 2 ** 31;

function* visibleBelow(call: DavCall, folder: FolderItem): Generator<Item> {
  for (const item of descend(folder)) if (call.view.isVisible(item)) yield item;
}

/** The site itself is a folder with its library in it. */
async function proposeSite(call: DavCall, query: XmlElement | null, depth: string): Promise<void> {
  if (call.isElsewhere) return call.reply(plain(404, '404 NOT FOUND'));
  const { site } = call;
  const createdMs = site.store.root.createdMs;
  const own = responseXml(call.href(site.path.slice(1).split('/'), true), [
    { status: 200, properties: siteProperties(site.title, createdMs) },
  ]);
  const library = depth === '0' ? '' : itemXml(call, askedOf(query), site.store.root);
  await call.reply(multistatus(`${HEAD}${collectionBlob(call, query)}${own}${library}</D:multistatus>`));
}

function siteProperties(title: string, createdMs: number): PropertyList {
  return [
    [`${DAV}displayname`, escapeXml(title)],
    [`${DAV}iscollection`, '1'],
    [`${DAV}resourcetype`, '<D:collection/>'],
    [`${DAV}getlastmodified`, new Date(createdMs).toUTCString()],
    [`${DAV}creationdate`, isoText(createdMs)],
  ];
}

function answer(call: DavCall, query: XmlElement | null, items: Iterable<Item>, more = ''): Promise<void> {
  return call.reply(multistatus(pieces(call, query, items, more)));
}

function multistatus(body: string | AsyncIterable<Uint8Array>) {
  return {
    status: 207,
    headers: { 'Content-Type': 'text/xml; charset=utf-8', 'Cache-Control': 'no-cache' },
    body,
  };
}

async function* pieces(
  call: DavCall,
  query: XmlElement | null,
  items: Iterable<Item>,
  more: string,
): AsyncGenerator<Uint8Array> {
  const asked = askedOf(query);
  let text = HEAD + collectionBlob(call, query);
  let inBatch = 0;
  for (const item of items) {
    // Removed since the listing began: its path would lead nowhere.
    if (!call.site.store.holds(item)) continue;
    text += itemXml(call, asked, item);
    if (++inBatch < BATCH) continue;
    yield Buffer.from(text);
    text = '';
    inBatch = 0;
    // Lets other requests in: a listing may be long.
    await new Promise((resolve) => setImmediate(resolve));
  }
  yield Buffer.from(`${text}${more}</D:multistatus>`);
}

function itemXml(call: DavCall, asked: Asked, item: Item): string {
  const href = call.hrefOf(item);
  if (asked.kind === 'all')
    return responseXml(href, [{ status: 200, properties: listedProperties(call, item) }]);
  const known = knownProperties(call, item);
  if (asked.kind === 'names') {
    return responseXml(href, [{ status: 200, properties: [...known.keys()].map((name) => [name, '']) }]);
  }
  const found = asked.names.filter((name) => known.has(name));
  const missing = asked.names.filter((name) => !known.has(name));
  return responseXml(href, [
    { status: 200, properties: found.map((name) => [name, known.get(name)!]) },
    { status: 404, properties: missing.map((name) => [name, '']) },
  ]);
}

export interface PropertyGroup {
  readonly status: number;
  readonly properties: PropertyList;
}

/** One `D:response`; groups without properties are left out. */
export function responseXml(href: string, groups: readonly PropertyGroup[]): string {
  const stats = groups
    .filter((group) => group.properties.length > 0)
    .map(
      (group) =>
        `<D:propstat><D:prop>${group.properties.map(propertyXml).join('')}</D:prop>${statusXml(group)}</D:propstat>`,
    );
  return `<D:response><D:href>${escapeXml(href)}</D:href>${stats.join('') || statusXml({ status: 200 })}</D:response>`;
}

export function multistatusXml(responses: string): string {
  return `${HEAD}${responses}</D:multistatus>`;
}

function statusXml({ status }: { readonly status: number }): string {
  return `<D:status>HTTP/1.1 ${status === 200 ? '200 OK' : `${status} ${STATUS_TEXTS[status] ?? 'ERROR'}`}</D:status>`;
}

const STATUS_TEXTS: Readonly<Record<number, string>> = {
  403: 'FORBIDDEN',
  404: 'NOT FOUND',
  424: 'FAILED DEPENDENCY',
};

function propertyXml([name, xml]: readonly [string, string]): string {
  const [, namespace, local] = /^\{(.*)\}(.*)$/.exec(name)!;
  const prefix = NAMESPACE_PREFIXES[namespace!];
  const [open, close] =
    prefix === undefined
      ? [`${local} xmlns="${escapeXml(namespace!)}"`, local]
      : [`${prefix}:${local}`, `${prefix}:${local}`];
  return xml === '' ? `<${open}/>` : `<${open}>${xml}</${close}>`;
}

function askedOf(query: XmlElement | null): Asked {
  if (query === null) return { kind: 'all' };
  if (childOf(query, `${DAV}propname`) !== undefined) return { kind: 'names' };
  const prop = childOf(query, `${DAV}prop`);
  return prop === undefined
    ? { kind: 'all' }
    : { kind: 'named', names: prop.children.map((child) => child.name) };
}

/** Old Office clients ask for changes since a time and are told the present one (MS-WDVMODUU 4.2). */
function collectionBlob(call: DavCall, query: XmlElement | null): string {
  if (query === null || childOf(query, '{http://schemas.microsoft.com/repl/}repl') === undefined) return '';
  return `<Repl:repl><Repl:collblob>${isoText(call.world.clock.now())}</Repl:collblob></Repl:repl>`;
}
