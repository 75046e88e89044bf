/** Listings, extended attributes and the rest of what the in-memory file system answers. */
import { FsError } from '../../src/fs/index.js';
import { delay } from './delay.js';
import { MemoryDirectory } from './memory-directory.js';
import type { MemoryFileSystem, Operations } from './memory-file-system.js';
import { LONGEST_NAME } from './memory-node.js';

/** Made once, because the kernel asks whenever it writes to a file for the first time. */
const ABSENT = new FsError('ENODATA');

export function folderOperations(
  fs: MemoryFileSystem,
): Pick<
  Operations,
  | 'opendir'
  | 'readdir'
  | 'fsyncdir'
  | 'releasedir'
  | 'statfs'
  | 'getxattr'
  | 'setxattr'
  | 'listxattr'
  | 'removexattr'
  | 'access'
> {
  return {
    opendir: ({ node }) => {
      const handle = fs.nextHandle();
      fs.directories.set(handle, new MemoryDirectory(fs, fs.folder(node)));
      return { handle, mayCache: false, keepCache: false };
    },
    readdir: ({ handle, offset }) => fs.directories.get(handle)?.take(offset) ?? new FsError('EBADF'),
    fsyncdir: () => undefined,
    releasedir: ({ handle }) => {
      fs.directories.delete(handle);
      return undefined;
    },
    statfs: async (_, { signal }) => {
      if (fs.options.statfsDelayMs > 0) await delay(fs.options.statfsDelayMs, signal);
      return {
        blockSize: 4096,
        totalBlocks: 1 << 28,
        freeBlocks: 1 << 27,
        files: fs.nodes.size,
        freeFiles: 1 << 20,
        longestName: LONGEST_NAME,
      };
    },
    getxattr: ({ node, name }) => fs.get(node).knownXattrs.get(name) ?? ABSENT,
    setxattr: ({ node, name, value, create, replace }) => {
      if (!name.startsWith(fs.keptAttributes.prefix)) return new FsError('EOPNOTSUPP');
      const { xattrs } = fs.get(node);
      if (create && xattrs.has(name)) return new FsError('EEXIST');
      if (replace && !xattrs.has(name)) return new FsError('ENODATA');
      xattrs.set(name, Uint8Array.from(value));
      return undefined;
    },
    listxattr: ({ node }) => [...fs.get(node).knownXattrs.keys()],
    removexattr: ({ node, name }) => (fs.get(node).xattrs.delete(name) ? undefined : new FsError('ENODATA')),
    access: () => undefined,
  };
}
