/**
 * A folder that is too large for WebDAV, over REST (protocol notes 2.2): in pages of the library's list, or by the
 * folder's own collections where the tenant refuses those. Whole, or it throws.
 */
import {
  DriveError,
  type DriveItem,
  type DrivePath,
  type ListingPage,
  type RequestOptions,
} from '../../drive/index.js';
import { listChildren } from './list-children.js';
import { itemPage } from './list-pages.js';
import type { Remote } from './remote.js';
import type { RestClient } from './rest-client.js';
import { isServiceRefusal } from './server-ways.js';
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
  for await (const items of children(remote, rest, path, options)) yield { folder: null, items };
}

async function* children(
  remote: Remote,
  rest: RestClient,
  path: DrivePath,
  options: RequestOptions,
): AsyncGenerator<readonly DriveItem[]> {
  const told = new Set<string>();
  try {
    if (remote.ways.mayTry('list-all')) {
      for await (const items of listPages(remote, rest, path, options)) {
        for (const { name } of items) told.add(name);
        yield items;
      }
      return;
    }
  } catch (error) {
    if (!isOfRows(error, told.size > 0, remote)) throw error;
    remote.log.info({ path, error }, 'listing the folder by its own collections');
  }
  for await (const items of listChildren(remote, rest, path, options))
    yield items.filter(({ name }) => !told.has(name));
}

/** The rows of the list are no use; what was told already is true only where it is places or versions that some of them lack. */
function isOfRows(error: unknown, isBegun: boolean, { ways }: Remote): boolean {
  if (error instanceof UnsureRows) return true;
  if (isBegun || !(error instanceof DriveError)) return false;
  return isServiceRefusal(error.status) || !ways.mayTry('list-all');
}

class UnsureRows extends Error {
  override readonly name = 'UnsureRows';
}

async function* listPages(
  remote: Remote,
  rest: RestClient,
  path: DrivePath,
  options: RequestOptions,
): AsyncGenerator<readonly DriveItem[]> {
  const seen = new Set<string>();
  for (let paging: string | null = null; ; ) {
    if (paging !== null && seen.has(paging))
      throw new DriveError('protocol', `${path}: the pages go in a circle`);
    if (paging !== null) seen.add(paging);
    const page = await itemPage(remote, rest, { folder: path, paging }, options);
    if (page.samples.hasGaps) {
      remote.ways.refused('list-all');
      throw new DriveError('protocol', `${path}: the rows of this library do not tell what its files do`);
    }
    const isCompared = page.samples.files.length === 0 || remote.ways.isProven('row-versions');
    if (page.unversioned.length + page.unplaced.length > 0 || !isCompared)
      throw new UnsureRows(`${path}: the library's rows do not tell where all is, or which versions`);
    // a server that ignores the folder gives everything below it as well
    yield page.items.filter((placed) => isIn(path, placed.path)).map(({ item }) => item);
    if (page.next === null) return;
    paging = page.next;
  }
}

function isIn(folder: DrivePath, path: DrivePath): boolean {
  const slash = path.lastIndexOf('/');
  const parent = slash === 0 ? '/' : path.slice(0, slash);
  return parent.toLowerCase() === folder.toLowerCase();
}
