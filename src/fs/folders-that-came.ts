import type { RemoteChange } from '../cache/index.js';
import type { ItemId } from '../drive/index.js';

/** Folders that were not known to be where they are. */
export function foldersThatCame(changes: readonly RemoteChange[]): ItemId[] {
  const came = changes.filter(({ kind }) => kind === 'added' || kind === 'moved' || kind === 'found');
  return came.filter(({ item }) => item.kind === 'folder').map(({ item }) => item.id);
}
