import type { CachedContent } from '../../cache/index.js';
import type { FileSystem } from '../file-system.js';
import type { Inode } from '../inode.js';

/** What the server serves may be longer or shorter than its listing said (protocol notes 2.7). */
export function learnServedSize(fs: FileSystem, inode: Inode, { size, version }: CachedContent): void {
  if (inode.unlinked !== null) return;
  fs.spool.setAttributes(inode.ino, { written: { size, forVersion: version } });
  fs.kernel.invalidateAttributes(inode.node);
}
