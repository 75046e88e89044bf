/**
 * A folder's removal takes all that is in it. Before that it is found out what the server has in there by now that was
 * not removed here: what somebody else put there, and files that somebody else changed. Where the tree's changes are
 * followed this costs one question, however much is in the folder; elsewhere a listing per folder.
 */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { DriveError, type DriveItem, type DrivePath, type RequestOptions } from '../drive/index.js';
import type { There } from './content-there.js';
import { stands } from './in-the-way.js';
import type { FolderReader } from './remote-view.js';
import { type Operation, optionsOf, type SendContext, versionToRemove } from './send-context.js';
import type { Ino } from './spool.js';
import { isFolder, type SpoolEntry } from './spool-entry.js';
import { isOwnDoing, isWhatWasTried } from './whose-content.js';

/** How many items are looked at before others get a turn. */
const ITEMS_AT_ONCE = 1000;

/** What is found while the folders are gone through. */
interface Survey {
  readonly context: SendContext;
  readonly operation: Operation;
  readonly options: RequestOptions;
  /** How old a listing may be: any age when the tree has just been brought up to date. */
  readonly maxAgeMs: number;
  /** Removed here, and stays for what others did. */
  readonly kept: SpoolEntry[];
  /** Something of ours is in there that was not removed: it has to leave first. */
  hasLeaver: boolean;
}

/**
 * The entries that have to stay, folders among them for what is in them; empty: look again, for something of ours is
 * still in there; null: all of it is ours to remove.
 */
export async function othersIn(
  context: SendContext,
  operation: Operation,
  path: DrivePath,
  entry: SpoolEntry,
): Promise<readonly SpoolEntry[] | null> {
  const options = optionsOf(operation);
  const isFollowed = await context.remote.tree.catchUp(options);
  const maxAgeMs = isFollowed ? Number.POSITIVE_INFINITY : 0;
  const survey: Survey = { context, operation, options, maxAgeMs, kept: [], hasLeaver: false };
  const stays = await folderStays(survey, { path, ino: entry.ino, item: entry.item! });
  if (survey.hasLeaver) return [];
  if (!stays) return null;
  return [...survey.kept, entry];
}

interface Folder {
  readonly path: DrivePath;
  readonly ino: Ino;
  readonly item: string;
}

async function folderStays(survey: Survey, folder: Folder): Promise<boolean> {
  let stays = false;
  for await (const items of childrenOf(survey, folder)) {
    for (const item of items) if (await itemStays(survey, folder, item)) stays = true;
  }
  return stays;
}

async function itemStays(survey: Survey, { path, ino }: Folder, item: DriveItem): Promise<boolean> {
  const { context, kept } = survey;
  // It goes with the folder, before it is taken away itself.
  if (context.growing.has(item.name)) return false;
  const there = { path: `${path}/${item.name}`, item };
  const entry = context.ledger.overlay.ofItem(item.id) ?? (await unconfirmedAt(survey, ino, there));
  if (entry === undefined) return true;
  if (!entry.removed) {
    stands(context, item, { parent: ino, name: item.name });
    survey.hasLeaver = true;
    return false;
  }
  const isInTheWay =
    item.kind === 'folder'
      ? await folderStays(survey, { path: there.path, ino: entry.ino, item: item.id })
      : await isTheirEdit(survey, entry, there);
  if (isInTheWay && entry.item !== null) kept.push(entry);
  return isInTheWay;
}

/** What an attempt of ours, whose outcome nobody knew, may have left there. */
async function unconfirmedAt(
  { context, operation }: Survey,
  parent: Ino,
  there: There,
): Promise<SpoolEntry | undefined> {
  const { name, kind } = there.item;
  for (const entry of [...context.ledger.overlay.originatingAt(parent, name, false)]) {
    if (!entry.removed || entry.item !== null || isFolder(entry) !== (kind === 'folder')) continue;
    if (kind === 'folder') return entry;
    if (await isWhatWasTried(context, operation, there, entry.tried)) return entry;
  }
  return undefined;
}

async function isTheirEdit(
  { context, operation }: Survey,
  entry: SpoolEntry,
  there: There,
): Promise<boolean> {
  const asked = versionToRemove(context, entry);
  if (asked === null || asked === there.item.version) return false;
  return !(await isOwnDoing(context, operation, entry, there));
}

async function* childrenOf(survey: Survey, { path, item }: Folder): AsyncIterable<readonly DriveItem[]> {
  const { context, options, maxAgeMs } = survey;
  try {
    if (context.remote.tree.peek(item) !== undefined) {
      yield* inPages(await context.remote.tree.children(item, { ...options, maxAgeMs }));
      return;
    }
    // The cache was thrown away: only the server knows the folder.
    for await (const { items } of context.drive.list(path, options)) yield items;
  } catch (error) {
    // Somebody else removed it, or moved it away: nothing of it goes with the folder above.
    if (!(error instanceof DriveError) || error.kind !== 'absent') throw error;
  }
}

async function* inPages(reader: FolderReader): AsyncIterable<readonly DriveItem[]> {
  try {
    for (;;) {
      const items = reader.next(ITEMS_AT_ONCE);
      if (items.length === 0) return;
      yield items;
      await nextTurn();
    }
  } finally {
    reader.close();
  }
}
