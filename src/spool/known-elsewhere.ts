import type { DrivePath, ItemId } from '../drive/index.js';
import type { SendContext } from './send-context.js';

/**
 * True when others are known to have taken the item from where a step of ours has, or had, to do with it: that it is not
 * there does not mean that it is gone, and taken for gone it would be hidden where it is.
 */
export function isKnownElsewhere(
  { remote }: Pick<SendContext, 'remote'>,
  item: ItemId | null,
  path: DrivePath | undefined,
): boolean {
  const now = item === null ? undefined : remote.tree.pathOf(item);
  return now !== undefined && path !== undefined && now !== path;
}
