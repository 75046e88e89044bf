/**
 * What is to be moved, or told a time, is named by its path alone: the server does that to whatever is there. Where the
 * tree knows nothing of the item any more, because somebody removed it or the cache was thrown away, the path is only a
 * memory, and somebody may have put something else there since.
 */
import { DriveError, type DrivePath, type ItemId } from '../drive/index.js';
import { itemAt } from './item-at.js';
import type { Operation, SendContext } from './send-context.js';

/** Throws `absent` when the item is not at `path`; asks only where nobody here knows that. */
export async function lookFirst(
  context: SendContext,
  operation: Operation,
  item: ItemId,
  path: DrivePath,
): Promise<void> {
  if (context.remote.tree.pathOf(item) !== undefined) return;
  const there = await itemAt(context, operation, path);
  if (there?.id !== item) throw new DriveError('absent', `${path} is not what it was`);
}
