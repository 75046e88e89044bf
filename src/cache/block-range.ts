import type { ByteRange } from '../base/index.js';

/** The whole blocks that `range` touches. */
export function inBlocks({ offset, length }: ByteRange, blockBytes: number): ByteRange {
  const start = Math.floor(offset / blockBytes) * blockBytes;
  const end = Math.ceil((offset + length) / blockBytes) * blockBytes;
  return { offset: start, length: end - start };
}
