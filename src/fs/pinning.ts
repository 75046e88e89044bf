/**
 * Pins: items that are to be here as a whole and to stay. A folder's pin is given to all that is below it at that time,
 * in the background; what comes into the folder later is pinned when the folder is pinned again.
 */
import type { FileSystem } from './file-system.js';
import type { Inode } from './inode.js';
import type { Located } from './namespace.js';
import type { NamedView } from './node-view.js';

export function setPinned(fs: FileSystem, inode: Inode, pinned: boolean): void {
  fs.spool.setPinned(inode.ino, inode.item, pinned);
  if (inode.kind === 'folder') void pinBelow(fs, inode, pinned);
  else if (inode.item !== null) fs.content.setPinned(inode.item, pinned);
}

async function pinBelow(fs: FileSystem, top: Located, pinned: boolean): Promise<void> {
  const folders: Located[] = [top];
  try {
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      for (const child of await childrenOf(fs, folder)) {
        const item = child.item?.id ?? null;
        if (child.kind === 'folder') folders.push({ ino: child.ino, item });
        else pinFile(fs, child, pinned);
      }
    }
  } catch (error) {
    if (!fs.stopping.aborted) fs.log.warn({ error }, 'not everything below a pinned folder could be listed');
  }
}

async function childrenOf(fs: FileSystem, folder: Located): Promise<readonly NamedView[]> {
  const maxAgeMs = fs.options.attributeLifetimeMs;
  return fs.namespace.list(folder, { signal: fs.stopping, lane: 'bulk', maxAgeMs });
}

function pinFile(fs: FileSystem, { ino, item }: NamedView, pinned: boolean): void {
  fs.spool.setPinned(ino, item?.id ?? null, pinned);
  if (item !== null) fs.content.setPinned(item.id, pinned);
}
