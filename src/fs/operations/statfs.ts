import type { FileSystem } from '../file-system.js';
import { LONGEST_NAME_BYTES } from '../names.js';
import type { ReplyOf } from '../request.js';

const BLOCK_BYTES = 4096;
/** What is shown until the server told: the size of a OneDrive for Business with no quota set, 1 TiB. */
const UNKNOWN_TOTAL_BYTES = 2 ** 40;
/** A library holds at most 30 million items (protocol notes 5.1). */
const MOST_ITEMS = 30_000_000;

/** Always from memory: `df` must never hang. */
export function statfs(fs: FileSystem): ReplyOf<'statfs'> {
  const { usedBytes, totalBytes } = fs.quota.quota ?? { usedBytes: 0, totalBytes: UNKNOWN_TOTAL_BYTES };
  const used = usedBytes + fs.spool.statistics.bytesOwed;
  return {
    blockSize: BLOCK_BYTES,
    totalBlocks: Math.ceil(totalBytes / BLOCK_BYTES),
    freeBlocks: Math.max(0, Math.floor((totalBytes - used) / BLOCK_BYTES)),
    files: MOST_ITEMS,
    freeFiles: Math.max(0, MOST_ITEMS - fs.tree.statistics.items),
    longestName: LONGEST_NAME_BYTES,
  };
}
