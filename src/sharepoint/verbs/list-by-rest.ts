/** A folder that is too large for WebDAV, in pages over REST (protocol notes 2.2). Whole, or it throws. */
import { DriveError, type DrivePath, type ListingPage, type RequestOptions } from '../../drive/index.js';
import { itemPage } from './list-pages.js';
import type { Remote } from './remote.js';
import { stat } from './stat.js';

export async function* listByRest(
  remote: Remote,
  path: DrivePath,
  options: RequestOptions,
): AsyncGenerator<ListingPage> {
  const { rest } = remote;
  if (rest === null) throw new DriveError('unreachable', `${path}: too large for this server to list`);
  const folder = await stat(remote, path, options);
  if (folder.kind !== 'folder') throw new DriveError('absent', `${path}: not a folder`);
  yield { folder, items: [] };
  const seen = new Set<string>();
  for (let paging: string | null = null; ; ) {
    if (paging !== null && seen.has(paging))
      throw new DriveError('protocol', `${path}: the pages go in a circle`);
    if (paging !== null) seen.add(paging);
    const page = await itemPage(remote, rest, { folder: path, paging }, options);
    // a server that ignores the folder gives everything below it as well
    yield {
      folder: null,
      items: page.items.filter((placed) => isIn(path, placed.path)).map(({ item }) => item),
    };
    if (page.next === null) return;
    paging = page.next;
  }
}

function isIn(folder: DrivePath, path: DrivePath): boolean {
  const slash = path.lastIndexOf('/');
  const parent = slash === 0 ? '/' : path.slice(0, slash);
  return parent.toLowerCase() === folder.toLowerCase();
}
