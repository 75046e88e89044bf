/**
 * Where the tree has not heard of an item, as when the cache was thrown away, its path is only a memory, and it may have
 * been moved since. That it is nowhere can be said by who follows the whole tree, and by nobody before.
 */
import type { DrivePath, ItemId } from '../drive/index.js';
import { type Operation, optionsOf, type SendContext } from './send-context.js';
import type { SpoolEntry } from './spool-entry.js';

/** Over two minutes, or the one for which somebody waits. */
const MOST_LOOKS = 8;

export async function isKnown({ remote }: SendContext, operation: Operation, item: ItemId): Promise<boolean> {
  return remote.tree.pathOf(item) !== undefined || (await remote.tree.catchUp(optionsOf(operation)));
}

/**
 * Where the tree is not followed, and never will be, nobody can say that an item is nowhere: that it was neither where it
 * was nor where it belongs, time and again, has to do.
 */
export function isGivenUp({ remote }: SendContext, { attempts }: Operation): boolean {
  return !remote.tree.isBeingRead && attempts >= MOST_LOOKS;
}

/** Nobody can say where an item that the tree had not heard of is, or that it is nowhere. */
export async function mayBeAnywhere(
  context: SendContext,
  operation: Operation,
  item: ItemId,
): Promise<boolean> {
  return !isGivenUp(context, operation) && !(await isKnown(context, operation, item));
}

/**
 * Not there, says a front end, and the change log, which has been read to its end, tells of no removal: the front end may lag
 * behind (protocol notes 5.2.6), and is asked again.
 */
export function isContradicted(
  { remote }: Pick<SendContext, 'remote'>,
  { attempts }: Operation,
  { item }: Pick<SpoolEntry, 'item'>,
  path: DrivePath,
): boolean {
  return item !== null && remote.tree.pathOf(item) === path && attempts < MOST_LOOKS;
}

/** Asked before the step: the path that it goes by is only a memory. Without ids an item is what its path is. */
export function isUnheardOf(
  { drive, remote }: Pick<SendContext, 'drive' | 'remote'>,
  { item }: Pick<SpoolEntry, 'item'>,
): boolean {
  return item !== null && drive.capabilities.stableIds && remote.tree.pathOf(item) === undefined;
}
