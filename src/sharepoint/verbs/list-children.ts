/**
 * The children of a large folder by its own collections, `Files` and `Folders`, in pages: for tenants that refuse
 * RenderListDataAsStream. One folder's collections are said not to meet the list view threshold (protocol notes 2.2).
 *
 * Whole, or it throws. Each page begins with the last child of the page before: where it does not, children have come
 * or gone meanwhile, or the server does not heed `$skip`. At the end the folder must hold no more than was seen.
 */
import { DriveError, type DriveItem, type DrivePath, type RequestOptions } from '../../drive/index.js';
import type { HttpResponse } from '../http/transport.js';
import { itemIdIn } from '../wire/etag.js';
import { jsonRecords } from '../wire/json-records.js';
import { childFromRest } from '../wire/rest-file.js';
import { inSlices } from '../wire/xml-records.js';
import { childCount } from './child-count.js';
import { accepted, type Remote } from './remote.js';
import { field, type RestClient, stringIn } from './rest-client.js';
import { unreadableListing } from './unreadable-listing.js';

const PAGE_CHILDREN = 5_000;
const FIELDS = {
  Files: 'Length,TimeLastModified,TimeCreated,UniqueId,ETag,ServerRelativeUrl',
  Folders: 'TimeLastModified,TimeCreated,UniqueId,ServerRelativeUrl',
} as const;

type Collection = keyof typeof FIELDS;

interface ChildrenPage {
  /** Without what is the server's own. */
  readonly items: readonly DriveItem[];
  readonly ids: readonly string[];
}

export async function* listChildren(
  remote: Remote,
  rest: RestClient,
  path: DrivePath,
  options: RequestOptions,
): AsyncGenerator<readonly DriveItem[]> {
  let seen = 0;
  for (const collection of Object.keys(FIELDS) as Collection[]) {
    for await (const { items, ids } of pagesOf(remote, rest, { path, collection }, options)) {
      seen += ids.length;
      yield items;
    }
  }
  const count = await childCount(remote, rest, path, options);
  if (count !== null && count > seen) throw incomplete(path);
}

interface Place {
  readonly path: DrivePath;
  readonly collection: Collection;
}

/** Ends with the page that adds nothing to the one before: shorter ones may be the server's choice. */
async function* pagesOf(
  remote: Remote,
  rest: RestClient,
  place: Place,
  options: RequestOptions,
): AsyncGenerator<ChildrenPage> {
  let last: string | undefined;
  for (let seen = 0; ; ) {
    const overlap = last === undefined ? 0 : 1;
    const { items, ids } = await pageAt(remote, rest, { ...place, skip: seen - overlap }, options);
    if (last !== undefined && ids[0] !== last) throw incomplete(place.path);
    if (ids.length <= overlap) return;
    yield { items: items.filter(({ id }) => id !== last), ids: ids.slice(overlap) };
    seen += ids.length - overlap;
    last = ids.at(-1);
  }
}

async function pageAt(
  remote: Remote,
  rest: RestClient,
  { path, collection, skip }: Place & { readonly skip: number },
  options: RequestOptions,
): Promise<ChildrenPage> {
  const call = {
    path: `web/GetFolderByServerRelativePath(decodedurl={folder})/${collection}`,
    values: { folder: remote.locations.serverPath(path) },
    query: `$select=${FIELDS[collection]}&$skip=${skip}&$top=${PAGE_CHILDREN}`,
  };
  const answer = await rest.get(call, options, { mayBePacked: true });
  return pageIn(await accepted(answer, 'list', path), remote, { path, collection });
}

async function pageIn(
  answer: HttpResponse,
  remote: Remote,
  { path, collection }: Place,
): Promise<ChildrenPage> {
  const items: DriveItem[] = [];
  const ids: string[] = [];
  for await (const batch of jsonRecords(answer.body, 'value')) {
    if ('rest' in batch) {
      if (!Array.isArray(field(batch.rest, 'value'))) throw unreadableListing(path);
      continue;
    }
    await inSlices(batch, (text) => {
      const child = parsed(text, path);
      ids.push(itemIdIn(stringIn(field(child, 'UniqueId')) ?? '') ?? '');
      const item = itemOf(child, remote, path, collection);
      if (item !== null) items.push(item);
    });
  }
  return { items, ids };
}

/** Null for what is the server's own. */
function itemOf(child: unknown, remote: Remote, folder: DrivePath, collection: Collection): DriveItem | null {
  const serverPath = stringIn(field(child, 'ServerRelativeUrl'));
  if (serverPath === null) throw unreadableListing(folder);
  const place = remote.locations.drivePath(serverPath);
  if (place === null && folder === '/') return null;
  const name = place?.slice(place.lastIndexOf('/') + 1);
  const kind = collection === 'Files' ? 'file' : 'folder';
  // under the path that was asked for, in case the server spells it in another case
  const item = name && childFromRest(child, folder === '/' ? `/${name}` : `${folder}/${name}`, kind);
  if (!item) throw unreadableListing(folder);
  return item;
}

function parsed(text: string, path: DrivePath): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadableListing(path);
  }
}

function incomplete(path: DrivePath): DriveError {
  return new DriveError('protocol', `${path}: the server did not list it as a whole`);
}
