/** Reading, creating, changing and removing single items through the v2 API. */
import { serveFile } from '../download.js';
import type { WriteTerms } from '../library.js';
import { type Item, pathOf } from '../store/item.js';
import type { Times } from '../store/new-item.js';
import { itemJson } from './drive-item.js';
import { guidOfItemId } from './item-id.js';
import type { TempLinks } from './temp-links.js';
import type { Address, V2Call } from './v2-call.js';
import { invalidRequest, itemNotFound, V2Error } from './v2-error.js';

export type ItemOperation = (call: V2Call, at: Address, links: TempLinks) => Promise<void>;

/** Largest PUT on `content`; larger files need an upload session. */
const CONTENT_LIMIT_BYTES = 250 * 1024 * 1024;
const PAGE_ITEMS = 200;
const LARGEST_PAGE = 5000;

export const getItem: ItemOperation = async (call, at, links) => {
  const item = call.item(at.names);
  if (call.header('if-none-match') === call.library.etagOf(item)) return call.reply({ status: 304 });
  await call.replyJson(200, itemJson(call, item, links));
};

export const listChildren: ItemOperation = async (call, at, links) => {
  const folder = call.item(at.names);
  if (folder.kind !== 'folder') throw invalidRequest('The item has no children.');
  const after = Number(call.request.query.get('$skiptoken') ?? 0);
  const top = Math.min(LARGEST_PAGE, Number(call.request.query.get('$top') ?? PAGE_ITEMS) || PAGE_ITEMS);
  const rest = call.view
    .children(folder)
    .filter((child) => child.number > after)
    .sort((one, other) => one.number - other.number);
  const page = rest.slice(0, top);
  const next = `${call.baseUrl}/drives/${call.driveId}/items/${itemJson(call, folder).id}/children`;
  const more =
    rest.length > top ? { '@odata.nextLink': `${next}?$top=${top}&$skiptoken=${page.at(-1)!.number}` } : {};
  await call.replyJson(200, { value: page.map((child) => itemJson(call, child, links)), ...more });
};

/** Content itself is served from a link that carries its own permission. */
export const getContent: ItemOperation = async (call, at, links) => {
  const item = call.item(at.names);
  if (item.kind !== 'file') throw invalidRequest('A folder has no content.');
  if (call.request.method === 'HEAD') {
    const { world, request, site, view } = call;
    return serveFile({ world, request, site, view, file: item, honoursRange: true });
  }
  await call.reply({ status: 302, headers: { Location: links.downloadUrl(call, item) } });
};

export const putContent: ItemOperation = async (call, at, links) => {
  const behaviour = call.request.query.get('@microsoft.graph.conflictBehavior') ?? 'replace';
  const terms: WriteTerms = { ...conditionOf(call), overwrite: behaviour === 'replace' };
  call.library.checkPut(at.names, terms, Number(call.header('content-length') ?? 0));
  const content = await call.world.vault.receive(call.request.body, CONTENT_LIMIT_BYTES);
  const { file, created } = call.library.putFile(at.names, content, terms);
  await call.replyJson(created ? 201 : 200, itemJson(call, file, links));
};

export const createFolder: ItemOperation = async (call, at, links) => {
  const body = await call.json();
  if (typeof body.name !== 'string' || body.folder === undefined)
    throw invalidRequest('name and folder are needed.');
  call.item(at.names);
  const behaviour = body['@microsoft.graph.conflictBehavior'] ?? body['@name.conflictBehavior'] ?? 'fail';
  const names = [...at.names, behaviour === 'rename' ? freeName(call, at.names, body.name) : body.name];
  const existing = call.site.store.find(names);
  if (existing?.kind === 'folder' && behaviour === 'replace')
    return call.replyJson(200, itemJson(call, existing, links));
  await call.replyJson(201, itemJson(call, call.library.makeFolder(names), links));
};

/** Renames, moves, sets times, in any mixture. */
export const patchItem: ItemOperation = async (call, at, links) => {
  const item = call.item(at.names);
  const body = await call.json();
  call.library.checkWritable(item, conditionOf(call));
  const to = targetOf(call, item, body);
  if (to !== null) call.library.move(item, to, { overwrite: false });
  const times = timesIn(body.fileSystemInfo);
  if (times !== null) call.library.setTimes(item, times);
  await call.replyJson(200, itemJson(call, item, links));
};

export const deleteItem: ItemOperation = async (call, at) => {
  if (at.names.length === 0) throw new V2Error(403, 'accessDenied', 'The root cannot be deleted.');
  call.library.remove(call.item(at.names), conditionOf(call));
  await call.reply({ status: 204 });
};

export function conditionOf(call: V2Call): WriteTerms {
  const tag = call.header('if-match');
  return tag === undefined || tag === '*' ? {} : { ifMatch: tag };
}

/** Times of a `fileSystemInfo`, whole seconds; null when it has none. */
export function timesIn(info: unknown): Times | null {
  if (typeof info !== 'object' || info === null) return null;
  const { createdDateTime, lastModifiedDateTime } = info as Readonly<Record<string, unknown>>;
  const created = secondsIn(createdDateTime);
  const modified = secondsIn(lastModifiedDateTime);
  return {
    ...(created === null ? {} : { createdMs: created }),
    ...(modified === null ? {} : { modifiedMs: modified }),
  };
}

/** `name`, or like it with a number, so that it is free in the folder. */
export function freeName(call: V2Call, folder: readonly string[], name: string): string {
  const dot = name.lastIndexOf('.') > 0 ? name.lastIndexOf('.') : name.length;
  for (let count = 0; ; count++) {
    const tried = count === 0 ? name : `${name.slice(0, dot)} ${count}${name.slice(dot)}`;
    if (call.site.store.find([...folder, tried]) === undefined) return tried;
  }
}

function targetOf(
  call: V2Call,
  item: Item,
  body: Readonly<Record<string, unknown>>,
): readonly string[] | null {
  const parentId = (body.parentReference as { readonly id?: unknown } | undefined)?.id;
  if (body.name === undefined && parentId === undefined) return null;
  let parent = item.parent;
  if (typeof parentId === 'string') {
    const found = call.site.store.byGuid(guidOfItemId(parentId) ?? parentId);
    if (found?.kind !== 'folder') throw itemNotFound();
    parent = found;
  }
  if (parent === null) throw new V2Error(403, 'accessDenied', 'The root cannot be moved.');
  const name = typeof body.name === 'string' ? body.name : item.name;
  return [...pathOf(parent), name];
}

function secondsIn(value: unknown): number | null {
  if (value === undefined) return null;
  const atMs = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(atMs)) throw invalidRequest('A time is not valid.');
  return Math.floor(atMs / 1000) * 1000;
}
