/**
 * Which versions the items have that rows of the change log tell of without saying that (protocol notes 3.4). Time and size
 * alone do not tell a second change in the same second from our own first one, so the items are asked: one by one, or with
 * all of their folder where there are many in it.
 */
import { groupedBy } from '../../base/index.js';
import {
  DriveError,
  type DriveItem,
  type DrivePath,
  type ItemId,
  type PlacedItem,
  type RequestOptions,
  type UnversionedItem,
} from '../../drive/index.js';
import { list } from './list.js';
import type { Remote } from './remote.js';
import { PASSING, PAUSES_MS } from './row-versions.js';
import { statOrNull } from './stat.js';

/** Of so many in one folder a listing costs less than a look at each. */
const MANY_IN_A_FOLDER = 50;
const LOOKS_AT_ONCE = 8;
/** Longer than that after the rows came it is no lag that one of them is not where its row was. */
const LONGEST_LAG_MS = PAUSES_MS.reduce((sum, pauseMs) => sum + pauseMs, 0);

/** `missing`: not where the row was. It has gone again, or its folder was moved, which no log tells for it. */
export async function versionsOfRows(
  remote: Remote,
  rows: readonly UnversionedItem[],
  options: RequestOptions,
): Promise<{ readonly found: readonly PlacedItem[]; readonly missing: readonly ItemId[] }> {
  const found: PlacedItem[] = [];
  const missing: ItemId[] = [];
  const toLookAt: UnversionedItem[] = [];
  for (const [folder, inIt] of groupedBy(rows, folderOf)) {
    const listed = inIt.length < MANY_IN_A_FOLDER ? null : await itemsIn(remote, folder, options);
    for (const row of inIt) {
      const item = listed?.get(row.item.id);
      if (item !== undefined && isAsNew(item, row)) found.push({ path: row.path, item });
      else toLookAt.push(row);
    }
  }
  const untilMs = remote.clock.monotonic() + LONGEST_LAG_MS;
  for (let at = 0; at < toLookAt.length; at += LOOKS_AT_ONCE) {
    const some = toLookAt.slice(at, at + LOOKS_AT_ONCE);
    const looks = await Promise.all(some.map((row) => lookedAt(remote, row, untilMs, options)));
    for (const [index, placed] of looks.entries()) {
      if (placed !== null) found.push(placed);
      else missing.push(some[index]!.item.id);
    }
  }
  return { found, missing };
}

function folderOf({ path }: UnversionedItem): DrivePath {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** Nothing where the folder is gone or can't be listed: each is looked at. */
async function itemsIn(
  remote: Remote,
  folder: DrivePath,
  options: RequestOptions,
): Promise<Map<ItemId, DriveItem>> {
  const items = new Map<ItemId, DriveItem>();
  try {
    for await (const page of list(remote, folder, options))
      for (const item of page.items) items.set(item.id, item);
  } catch (error) {
    if (!(error instanceof DriveError) || PASSING.has(error.kind)) throw error;
    remote.log.debug(
      { folder, error },
      'what the change log tells of in this folder is asked for one by one',
    );
  }
  return items;
}

/**
 * A front end may not show yet what the log tells of (protocol notes 5.2.6), and the log will not tell of it again. Null: it
 * is not there.
 */
async function lookedAt(
  remote: Remote,
  row: UnversionedItem,
  untilMs: number,
  options: RequestOptions,
): Promise<PlacedItem | null> {
  for (let attempt = 0; ; attempt += 1) {
    const item = await itemAt(remote, row.path, options);
    const isIt = item !== null && item.id === row.item.id;
    const leftMs = untilMs - remote.clock.monotonic();
    const isLast = attempt === PAUSES_MS.length || leftMs <= 0;
    if (isIt && (isLast || isAsNew(item, row))) return { path: row.path, item };
    if (isLast) break;
    await remote.clock.sleep(Math.min(PAUSES_MS[attempt]!, leftMs), options.signal);
  }
  remote.log.debug({ path: row.path }, 'what the change log told of is not there');
  return null;
}

async function itemAt(remote: Remote, path: DrivePath, options: RequestOptions): Promise<DriveItem | null> {
  try {
    return await statOrNull(remote, path, options);
  } catch (error) {
    if (!(error instanceof DriveError) || PASSING.has(error.kind)) throw error;
    remote.log.info({ path, error }, 'what the change log told of can not be looked at');
    return null;
  }
}

/** To the second. When a folder was changed, lists and WebDAV may see in their own ways. */
function isAsNew(item: DriveItem, row: UnversionedItem): boolean {
  return item.kind === 'folder' || item.modifiedMs > row.item.modifiedMs - 1_000;
}
