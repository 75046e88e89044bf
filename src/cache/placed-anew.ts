import type { TreeEntry } from './tree-entry.js';
import type { TreeParts } from './tree-writer.js';

/** Whatever was not known of where it is, is known now, or no matter any more. */
export function placedAnew(
  { displaced, awaited, unplaced }: Pick<TreeParts, 'displaced' | 'awaited' | 'unplaced'>,
  { key, item }: TreeEntry,
): void {
  displaced.delete(key);
  awaited.delete(key);
  unplaced.delete(item.id);
}
